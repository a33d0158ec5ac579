# Ends every server of one lab folder and removes the folder, once the owner of the folder is gone.
# Reads a pipe of which only the owner holds the other end: the kernel closes it even after SIGKILL.
# A process belongs to the folder when it works in it; pids in files would lie after a while.
folder=$1
trap '' HUP INT TERM
cat >/dev/null

members() {
    find /proc/[0-9]*/cwd -maxdepth 0 -lname "$folder/*" 2>/dev/null | cut -d/ -f3
}

name_of() {
    cat "/proc/$1/comm"
}

parent_of() {
    sed -n 's/^PPid:[[:space:]]*//p' "/proc/$1/status"
}

# PostgreSQL gives its shared memory back only when it ends by itself: so initdb may finish, which takes a
# second, and a server is asked, once. What has a parent among the members is left to that parent.
asked=' '
end_politely() {
    for pid in $1; do
        case " $(echo $1) " in *" $(parent_of "$pid") "*) continue ;; esac
        case $(name_of "$pid") in
            initdb) ;;
            postgres) case $asked in *" $pid "*) ;; *) kill -INT "$pid" && asked="$asked$pid " ;; esac ;;
            *) kill -KILL "$pid" ;;
        esac
    done
}

rounds=0
while pids=$(members) && [ -n "$pids" ] && [ "$rounds" -lt 300 ]; do
    if [ "$rounds" -lt 150 ]; then end_politely "$pids"; else kill -KILL $pids; fi 2>/dev/null
    rounds=$((rounds + 1))
    sleep 0.1
done
rm -rf -- "$folder"
