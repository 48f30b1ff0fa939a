/** PostgreSQL refuses to run as root, and behind the wall whoever runs the sandbox is: in this namespace not. */
export const ORDINARY_USER = '/run/ordinary-user';
/** The number of the user in the image `postgres`. */
const ORDINARY_ID = 999;

/**
 * What runs first in the new namespaces. It builds a root of its own on a tmpfs, mounted at the empty folder that is its
 * first argument, out of words: `dir PATH`, `link PATH TARGET`, `bind PATH` (writable), `look PATH OPTIONS` (read-only; the options that the kernel lets nobody take off the
 * mount), `user PATH` (a user namespace in which the command's user is an ordinary one, see ORDINARY_USER), then `--` and the command. What is not named is not there. The command has no capability, and never gets one.
 */
export const WALL_SCRIPT = `
set -eu
fail() { echo "$1" >&2; exit 1; }
command -v ip >/dev/null || fail 'the command ip (iproute2) is not installed'
command -v setpriv >/dev/null || fail 'the command setpriv (util-linux) is not installed'
command -v pivot_root >/dev/null || fail 'the command pivot_root (util-linux) is not installed'
ip link set lo up
root=$1
user=
shift
mount -t tmpfs -o mode=0755,size=1m tmpfs "$root"
at() {
  if [ -d "$1" ]; then mkdir -p "$root$1"; else mkdir -p "$root\${1%/*}"; : > "$root$1"; fi
}
while [ "$1" != -- ]; do
  case $1 in
    user) user=$2; at "$2"; shift 2 ;;
    dir) mkdir -p "$root$2"; shift 2 ;;
    link) mkdir -p "$root\${2%/*}"; ln -s "$3" "$root$2"; shift 3 ;;
    bind) at "$2"; mount --rbind "$2" "$root$2"; shift 2 ;;
    look) at "$2"; mount --rbind "$2" "$root$2"; mount -o "remount,bind,$3" "$root$2"; shift 3 ;;
  esac
done
shift
mkdir -p "$root/proc" "$root/old"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
cd "$root"
pivot_root . old
umount -l /old
rmdir /old
if [ -n "$user" ]; then
  # It prints a line when it is in its namespace, which stays as long as it is mounted.
  unshare --user --map-user=${ORDINARY_ID} --map-group=${ORDINARY_ID} sh -c 'echo; exec sleep 60' > /run/begun &
  until [ -s /run/begun ] || ! kill -0 $! 2>/dev/null; do sleep 0.01; done
  mount --bind "/proc/$!/ns/user" "$user" || echo 'no program can run as an ordinary user' >&2
  { kill $!; wait $!; } 2>/dev/null || true
  rm /run/begun
fi
mount -o remount,bind,ro,nosuid,nodev,noexec /proc
mount -o remount,bind,ro /
exec env -u PWD -u OLDPWD setpriv --bounding-set=-all --inh-caps=-all --no-new-privs -- "$@"
`;
