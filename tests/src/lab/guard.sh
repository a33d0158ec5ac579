# Ends every server of one lab folder and removes the folder, once the owner of the folder is gone.
# Reads a pipe of which only the owner holds the other end: the kernel closes it even after SIGKILL.
# A process belongs to the folder when it works in it; pids in files would lie after a while.
folder=$1
trap '' HUP INT TERM
cat >/dev/null

members() {
    find /proc/[0-9]*/cwd -maxdepth 0 -lname "$folder/*" 2>/dev/null | cut -d/ -f3
}

# QUIT first: PostgreSQL gives its shared memory back on it, on KILL it cannot.
signal=QUIT
rounds=0
while pids=$(members) && [ -n "$pids" ] && [ "$rounds" -lt 300 ]; do
    [ "$rounds" -ge 30 ] && signal=KILL
    [ "$rounds" -eq 0 ] || [ "$signal" = KILL ] && kill -$signal $pids 2>/dev/null
    rounds=$((rounds + 1))
    sleep 0.1
done
rm -rf -- "$folder"
