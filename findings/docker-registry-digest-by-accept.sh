#!/usr/bin/env bash
# docker-registry 2.8.2+ds1 (Debian 12; github.com/docker/distribution): the digest of a tag depends on `Accept`.
#
# Guess: a registry that cannot give a tag in an accepted type says 404 or 406; `Accept: */*` accepts everything.
# Seen, for a tag that names one Docker manifest (schema 2):
#   Accept: the OCI manifest and index types only   200, schema 1, made on the fly, with a digest that no engine knows
#   Accept: */*                                     200, the same schema 1
#   Accept: the schema 2 type                       200, the digest that was pushed
# Seen, for a tag that names an OCI index: `Accept: */*` is 404 MANIFEST_UNKNOWN, although the tag is there.
# Who watches a tag by HEAD must name every type that it can read, and look at the Content-Type of a digest.
set -euo pipefail
version=2.8.2+ds1
folder=$(mktemp -d)
registry=
trap '[ -z "$registry" ] || kill "$registry" 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download "docker-registry=$version*" >/dev/null 2>&1
dpkg -x docker-registry_*.deb package
cat >config.yml <<YML
version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: $folder/data } }
http: { addr: "127.0.0.1:0", secret: none }
YML
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
sed -i "s/127.0.0.1:0/127.0.0.1:$port/" config.yml
package/usr/bin/docker-registry serve config.yml >log 2>&1 &
registry=$!
api=http://127.0.0.1:$port/v2/app
for _ in $(seq 50); do curl -fs "http://127.0.0.1:$port/v2/" >/dev/null && break; sleep 0.1; done

# Pushes a blob; prints its digest.
push_blob() {
  local digest location
  digest=sha256:$(sha256sum "$1" | cut -d' ' -f1)
  location=$(curl -fsS -X POST -D - -o /dev/null "$api/blobs/uploads/" | tr -d '\r' | sed -n 's/^Location: //p')
  curl -fsS -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$1" "$location&digest=$digest"
  echo "$digest"
}
# Puts a manifest under a tag: FILE TYPE TAG.
put() { curl -fsS -X PUT -H "Content-Type: $2" --data-binary "@$1" "$api/manifests/$3"; }
# Asks for a tag: ACCEPT TAG; prints status, type and digest.
ask() {
  curl -sS -I -H "Accept: $1" "$api/manifests/$2" | tr -d '\r' |
    awk 'NR==1{s=$2} tolower($1)=="content-type:"{t=$2} tolower($1)=="docker-content-digest:"{d=$2} END{print s, t, d}'
}
docker=application/vnd.docker.distribution.manifest.v2+json
oci=application/vnd.oci.image.manifest.v1+json
index=application/vnd.oci.image.index.v1+json

mkdir empty && tar -C empty -czf layer.tar.gz .
layer=$(push_blob layer.tar.gz)
diff=sha256:$(gunzip -c layer.tar.gz | sha256sum | cut -d' ' -f1)
printf '{"architecture":"amd64","os":"linux","config":{},"history":[{"created_by":"x"}],"rootfs":{"type":"layers","diff_ids":["%s"]}}' "$diff" >config.json
config=$(push_blob config.json)
printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":%d,"digest":"%s"},"layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","size":%d,"digest":"%s"}]}' \
  "$docker" "$(stat -c %s config.json)" "$config" "$(stat -c %s layer.tar.gz)" "$layer" >manifest.json
pushed=sha256:$(sha256sum manifest.json | cut -d' ' -f1)
put manifest.json "$docker" one
printf '{"schemaVersion":2,"mediaType":"%s","manifests":[{"mediaType":"%s","size":%d,"digest":"%s","platform":{"os":"linux","architecture":"amd64"}}]}' \
  "$index" "$docker" "$(stat -c %s manifest.json)" "$pushed" >index.json
put index.json "$index" many

own=$(ask "$docker" one) newer=$(ask "$oci, $index" one) any=$(ask '*/*' one) listed=$(ask "$index" many) anyindex=$(ask '*/*' many)
printf 'schema 2: %s\nOCI only: %s\nanything: %s\nindex:    %s\nanything, for the index: %s\n' "$own" "$newer" "$any" "$listed" "$anyindex"
failed=0
[ "$own" = "200 $docker $pushed" ] || failed=1
for seen in "$newer" "$any"; do
  case "$seen" in "200 application/vnd.docker.distribution.manifest.v1+prettyjws sha256:"*) ;; *) failed=1 ;; esac
  case "$seen" in *"$pushed") failed=1 ;; esac
done
case "$listed" in "200 $index "*) ;; *) failed=1 ;; esac
case "$anyindex" in 404*) ;; *) failed=1 ;; esac
exit "$failed"
