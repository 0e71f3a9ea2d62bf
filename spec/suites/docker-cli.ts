// The everyday commands of the docker CLI, and commands that fail. They run in this order, each on what the ones before
// left. `NAME` is a prefix of this run's containers, volumes and networks.
import type { Outcome, Stage } from './stage.ts'
import { runProgram } from './suite.ts'

const EVERYDAY = `
version --format {{.Server.Os}}
info --format {{.OSType}}
image inspect IMAGE --format {{.Id}}
image inspect IMAGE --format {{json .Config}}
images --format {{.Repository}}:{{.Tag}} IMAGE
images -q IMAGE
history --format {{.CreatedBy}} IMAGE
tag IMAGE NAME/app:2
images --format {{.Repository}}:{{.Tag}} --filter reference=NAME/*
run --rm IMAGE echo hi
run --rm IMAGE sh -c 'echo out; echo err >&2; exit 3'
run --rm -e A=1 -e B=2 IMAGE sh -c 'echo $A-$B'
run --rm -w /tmp IMAGE pwd
run --rm -h box IMAGE hostname
run --rm IMAGE cat /etc/passwd
run --rm -u nobody IMAGE id -un
run --rm IMAGE false
run --rm --entrypoint echo IMAGE entry point
< hello
run -i --rm IMAGE cat
run -d --name NAMEweb -p 80 --label app=NAME -e X=y IMAGE sleep 600
ps --filter name=NAMEweb --format '{{.Names}} {{.Image}} {{.State}}'
ps -a --filter label=app=NAME --format '{{.Names}} {{.Command}}'
ps -q --filter name=NAMEweb
ps --filter status=running --filter name=NAMEweb --format {{.Names}}
ps --filter ancestor=IMAGE --filter name=NAMEweb --format {{.Names}}
ps --filter expose=80/tcp --filter name=NAMEweb --format {{.Names}}
ps --filter publish=80 --filter name=NAMEweb --format {{.Names}}
ps --filter is-task=true --filter name=NAMEweb --format {{.Names}}
ps -a --filter exited=0 --filter name=NAMEweb --format {{.Names}}
ps --filter network=bridge --filter name=NAMEweb --format {{.Names}}
inspect NAMEweb --format {{.State.Status}}
inspect NAMEweb --format '{{.Config.Env}}'
inspect NAMEweb --format '{{.Path}} {{.Args}}'
inspect NAMEweb --format '{{json .HostConfig.RestartPolicy}}'
inspect NAMEweb --format '{{json .Config.Labels}}'
inspect NAMEweb --format '{{json .State.Running}} {{.RestartCount}} {{.Platform}} {{.Driver}}'
inspect -s NAMEweb --format '{{.SizeRw}}'
exec NAMEweb echo from exec
exec NAMEweb sh -c 'exit 4'
exec -e Q=1 NAMEweb sh -c 'echo $Q'
exec -w /tmp NAMEweb pwd
exec -u nobody NAMEweb id -un
< in
exec -i NAMEweb cat
exec -d NAMEweb sleep 1
exec NAMEweb sh -c 'echo text > /tmp/file'
exec NAMEweb cat /tmp/file
exec NAMEweb ls /tmp
exec NAMEweb test -f /tmp/file
exec NAMEweb env
cp NAMEweb:/tmp/file -
cp NAMEweb:/etc/passwd DIR/passwd
cp DIR/passwd NAMEweb:/tmp/copied
exec NAMEweb cat /tmp/copied
diff NAMEweb
top NAMEweb -o args
stats --no-stream --format '{{.Name}}' NAMEweb
port NAMEweb 80 --dummy
logs NAMEweb
pause NAMEweb
ps --filter status=paused --filter name=NAMEweb --format {{.Names}}
unpause NAMEweb
rename NAMEweb NAMEweb2
update --restart unless-stopped NAMEweb2
update --memory 64m --memory-swap 128m NAMEweb2
inspect NAMEweb2 --format '{{json .HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}}'
stop -t 1 NAMEweb2
inspect NAMEweb2 --format '{{.State.ExitCode}} {{.State.Status}}'
start NAMEweb2
restart -t 1 NAMEweb2
kill NAMEweb2
wait NAMEweb2
rm NAMEweb2
create --name NAMEmade --label app=NAME IMAGE sh -c 'echo made; echo bad >&2'
ps -a --filter status=created --filter name=NAMEmade --format '{{.Names}} {{.Status}}'
start -a NAMEmade
logs NAMEmade
logs --tail 1 NAMEmade
wait NAMEmade
ps -a --filter exited=0 --filter name=NAMEmade --format {{.Names}}
commit NAMEmade NAME/committed:1
image inspect NAME/committed:1 --format '{{json .Config.Cmd}}'
run --rm NAME/committed:1 echo again
export -o DIR/export.tar NAMEmade
import DIR/export.tar NAME/imported:1
save -o DIR/save.tar IMAGE
load -i DIR/save.tar
rmi NAME/committed:1 NAME/imported:1
container prune -f --filter label=app=nothing
container prune -f --filter label=app=NAME
volume create NAMEdata
volume create --label app=NAME NAMElabelled
volume ls -q --filter name=NAME
volume ls --filter label=app=NAME --format '{{.Name}} {{.Driver}}'
volume ls -q --filter dangling=true --filter name=NAMEdata
volume inspect NAMEdata --format '{{.Name}} {{.Driver}} {{.Scope}}'
run --rm -v NAMEdata:/data IMAGE sh -c 'echo kept > /data/x'
run --rm -v NAMEdata:/data IMAGE cat /data/x
run --rm -v NAMEdata:/data:ro IMAGE ls /data
run --rm --mount type=volume,source=NAMEdata,target=/m IMAGE cat /m/x
run --rm --tmpfs /scratch IMAGE sh -c 'echo t > /scratch/t; cat /scratch/t'
volume prune -f --filter label=app=nothing
volume rm NAMEdata
volume prune -a -f --filter label=app=NAME
network create NAMEnet
network create --label app=NAME --subnet 10.231.7.0/24 NAMEsub
network ls --filter name=NAME --format '{{.Name}} {{.Driver}} {{.Scope}}'
network ls --filter driver=null --format {{.Name}}
network ls --filter type=builtin --format {{.Name}}
network ls --filter scope=swarm --format {{.Name}}
network ls --filter dangling=true --filter name=NAMEnet --format {{.Name}}
network inspect NAMEsub --format '{{json .IPAM.Config}} {{.Driver}} {{.Internal}}'
run -d --name NAMEin --network NAMEsub --ip 10.231.7.9 --network-alias db IMAGE sleep 600
inspect NAMEin --format '{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{$v.IPAddress}}{{end}}'
network connect --alias other NAMEnet NAMEin
network inspect NAMEnet --format '{{range .Containers}}{{.Name}}{{end}}'
network disconnect NAMEnet NAMEin
rm -f NAMEin
network prune -f --filter label=app=nothing
network rm NAMEnet
network prune -f --filter label=app=NAME
run -d --name NAMEone --restart on-failure:2 IMAGE sh -c 'exit 5'
wait NAMEone
inspect NAMEone --format '{{.RestartCount}} {{.State.ExitCode}}'
rm NAMEone
run -d --name NAMEhealth --health-cmd true --health-interval 1s IMAGE sleep 600
inspect NAMEhealth --format '{{json .Config.Healthcheck.Test}}'
rm -f NAMEhealth
run --name NAMEtwice --cap-add NET_ADMIN --read-only --init --shm-size 8m --ulimit nofile=100:200 IMAGE true
inspect NAMEtwice --format '{{json .HostConfig.CapAdd}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.ShmSize}} {{json .HostConfig.Ulimits}}'
rm NAMEtwice
events --since 5m --until 0s --filter container=NAMEtwice --format {{.Action}}
images --filter dangling=true -q --filter label=none=NAME
images --filter before=NAME/app:2 --filter reference=IMAGE -q
images --filter since=NAME/app:2 --filter reference=NAME/* -q
system df --format {{.Type}}
rmi NAME/app:2
search --help
volume ls --help
`

const FAILING = `
inspect NAMEnone
start NAMEnone
stop NAMEnone
rm NAMEnone
kill NAMEnone
logs NAMEnone
exec NAMEnone true
rmi NAME/none:1
run --rm --pull never NAME/none:1 true
tag NAME/none:1 NAME/x:1
history NAME/none:1
network inspect NAMEnone
network rm NAMEnone
network rm bridge
network create bridge
volume inspect NAMEnone
volume rm NAMEnone
volume create 'a b'
volume create --driver nowhere NAMEv
network create --driver nowhere NAMEn
network create --subnet 10.1.2.3 NAMEn
network create --subnet 10.300.0.0/16 NAMEn
run --rm --runtime nowhere IMAGE true
run --rm --memory 1m IMAGE true
run --rm --cpus 10000 IMAGE true
run --rm --mount type=bind,source=/nowhere/at/all,target=/x IMAGE true
run --rm --mount type=volume,target=relative IMAGE true
run --rm -v a/b:/x IMAGE true
run --rm -v /tmp:relative IMAGE true
run --rm --network NAMEnone IMAGE true
run --rm --network container:NAMEnone IMAGE true
run --rm --volumes-from NAMEnone IMAGE true
run --rm --log-driver nowhere IMAGE true
run --rm -u nobodyatall IMAGE true
run --rm IMAGE nosuchprogram
run --rm -e A --restart always IMAGE true
run --rm --ip 10.1.2.3 IMAGE true
create --name NAME/bad IMAGE
create --name NAMEbusy IMAGE sleep 600
create --name NAMEbusy IMAGE sleep 600
exec NAMEbusy true
pause NAMEbusy
unpause NAMEbusy
start NAMEbusy
rm NAMEbusy
exec -u nobodyatall NAMEbusy true
exec -w /nowhere NAMEbusy true
exec NAMEbusy nosuchprogram
cp NAMEbusy:/nowhere -
kill -s NOSIG NAMEbusy
rename NAMEbusy NAMEbusy
pause NAMEbusy
pause NAMEbusy
unpause NAMEbusy
ps --filter nosuch=1
images --filter nosuch=1
network ls --filter nosuch=1
volume ls --filter nosuch=1
container prune -f --filter nosuch=1
node ls
service ls
swarm leave
rm -f NAMEbusy
`

/** The commands of one list, with what is written to their stdin. */
export function commandsOf(list: 'everyday' | 'failing'): { args: string[]; stdin: string | undefined }[] {
  let stdin: string | undefined
  return (list === 'everyday' ? EVERYDAY : FAILING).split('\n').flatMap((line) => {
    if (line.trim() === '') return []
    if (line.startsWith('< ')) {
      stdin = line.slice(2)
      return []
    }
    const command = { args: split(line), stdin }
    stdin = undefined
    return [command]
  })
}

function split(line: string): string[] {
  return Array.from(line.matchAll(/'([^']*)'|(?:[^\s']|\{\{.*?\}\})+/g), ([whole, quoted]) => quoted ?? whole)
}

/** Runs the CLI; without DOCKER_* of the caller, with a configuration of its own. */
export async function runDocker(
  stage: Stage,
  { args, stdin }: { readonly args: readonly string[]; readonly stdin: string | undefined },
): Promise<Outcome> {
  const { code, out, err } = await runProgram(
    stage.program,
    args.map((arg) => stage.named(arg)),
    {
      env: { PATH: process.env['PATH'], HOME: stage.dir, DOCKER_CONFIG: stage.dir, DOCKER_HOST: stage.host },
      stdin,
      timeout: 30_000,
    },
  )
  return { code, text: stage.masked(`${out}${err === '' ? '' : `\n2> ${err}`}`) }
}
