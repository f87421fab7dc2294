#!/bin/sh
# Makes the virtual environment DIRECTORY, unless it is there and works.
# Usage: make-venv.sh DIRECTORY [PYTHON]; without PYTHON the newest suitable python3.x on PATH is taken.
set -eu

directory=$1
named=${2:-}

suitable='import sys; sys.exit(sys.version_info < (3, 11))'

if "$directory/bin/python" -c "$suitable" 2>/dev/null && "$directory/bin/python" -m pip --version >/dev/null 2>&1
then
    exit 0
fi

if [ -e "$directory" ] && [ ! -f "$directory/pyvenv.cfg" ]
then
    echo "$directory is there and is no virtual environment: move it away and try again." >&2
    exit 1
fi

too_old=
without_venv=
for python in ${named:-python3.14 python3.13 python3.12 python3.11 python3}
do
    # A name on PATH may be a stand-in that starts nothing (pyenv's shims), so it is asked.
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    if ! "$python" -c "$suitable" 2>/dev/null
    then
        too_old="$python is $version"
    elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null
    then
        without_venv=${without_venv:-$version}
    else
        echo "Making $directory with Python $version"
        exec "$python" -m venv --clear "$directory"
    fi
done

if [ -n "$without_venv" ]
then
    echo "Python $without_venv has no venv module: install it (Debian, Ubuntu: apt-get install python$without_venv-venv) and try again." >&2
elif [ -n "$too_old" ]
then
    echo "Python 3.11 or newer is needed, and $too_old: install a newer one, or name it: make setup PYTHON=/path/to/python3" >&2
else
    echo "Python 3.11 or newer is needed, and ${named:-python3} does not start: install it, or name one: make setup PYTHON=/path/to/python3" >&2
fi
exit 1
