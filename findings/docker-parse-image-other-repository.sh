#!/usr/bin/env bash
# docker-parse-image 3.0.1 (npm; Node 20.20): `fullname` can name another repository than the reference does.
#
# Guess: a parser of image references adds `library/` to names of Docker Hub only, takes a path of any depth, and
# keeps a digest apart from the tag.
# Seen:
#   127.0.0.1:5000/app      fullname 127.0.0.1:5000/library/app:latest   (the registry has `app`, not `library/app`)
#   quay.io/a/b/c/d:e       null                                         (four path components are valid)
#   acme/app@sha256:<64>    tag "sha256:<64>", fullname acme/app:sha256:<64>   (no valid reference)
# Who pulls or compares by `fullname` asks a private registry for a repository that it does not have.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund docker-parse-image@3.0.1 >/dev/null
node - <<'JS'
const assert = require('node:assert/strict')
const parse = require('docker-parse-image')
const digest = 'sha256:' + '0123456789abcdef'.repeat(4)
const seen = [parse('127.0.0.1:5000/app').fullname, parse('quay.io/a/b/c/d:e'), parse('acme/app@' + digest).tag]
console.log(seen)
assert.deepEqual(seen, ['127.0.0.1:5000/library/app:latest', null, digest])
JS
