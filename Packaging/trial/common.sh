# What the trials share; read by Scripts/try-packaging and by each of them.

debian=$PROJECT/.build-parties/debian
rclone=$PROJECT/.build-parties/rclone/bin/rclone
# What the root of Debian has: systemd, and the servers of the other roles.
debian_packages=systemd,systemd-sysv,dbus,libpq5,libssl3,libsqlite3-0,libzstd1,libcrypt1,libstdc++6,ca-certificates,curl
debian_packages+=,postgresql-15,nginx-light,netbase,procps

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

ok() {
    echo "  ok: $*"
}

# A folder of its own for a program of PyPI, as Scripts/install-test-parties makes it.
prepare_pypi() { # name, what to install
    local venv=$PROJECT/.build-parties/$1
    shift
    if grep -qxFe "$*" "$venv/version" 2>/dev/null; then return; fi
    echo "Installing $* from PyPI"
    rm -rf "$venv"
    mkdir -p "$PROJECT/.build-parties"
    /usr/bin/python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check "$@"
    echo "$*" >"$venv/version"
}

# The smallest Debian that has the parties, laid out once.
prepare_debian() {
    if grep -qxFe "$debian_packages" "$debian.version" 2>/dev/null; then return; fi
    echo "Laying out a Debian 12 in ${debian#"$PROJECT"/} (some minutes, once)"
    rm -rf "$debian"
    mkdir -p "$PROJECT/.build-parties"
    local mirror
    mirror=$(grep -hE '^(URIs:|deb )' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
        grep -v security | grep -oE 'https?://[^ ]+' | head -n 1) || true
    debootstrap --variant=minbase --include="$debian_packages" bookworm "$debian" "$mirror" >"$debian.log" 2>&1 ||
        { tail -n 20 "$debian.log" >&2; fail "debootstrap"; }
    rm -rf "$debian"/var/cache/apt/archives/*.deb "$debian"/var/lib/apt/lists/*
    echo "$debian_packages" >"$debian.version"
}

# Waits until a command succeeds.
await() { # seconds, command...
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.3
    done
}

# An image of two layers of noise, as an OCI folder.
make_test_image() { # folder
    mkdir -p "$1/one" "$1/two"
    head -c 30000000 /dev/urandom >"$1/one/noise"
    head -c 4000 /dev/urandom >"$1/two/noise"
    "$WHARF" build --quiet "linux/amd64=$1/one:/one" "linux/amd64=$1/two:/two" --to "oci:$1/image:1" >/dev/null
}

# PostgreSQL and S3 on 127.0.0.1, with a database and a bucket called wharf; adds to the array `children`.
start_stores() { # folder, password of the database, key of S3
    mkdir -p "$1/s3/wharf" "$1/upper" "$1/debian"
    # In the environment rclone takes a list of pairs, each in quotes.
    RCLONE_AUTH_KEY="\"wharf,$3\"" "$rclone" serve s3 "$1/s3" --addr 127.0.0.1:9000 --config '' --no-cleanup \
        >"$1/rclone.log" 2>&1 &
    children+=($!)
    mount -t tmpfs tmpfs "$1/upper"
    mkdir "$1/upper/files" "$1/upper/work"
    mount -t overlay overlay -o "lowerdir=$debian,upperdir=$1/upper/files,workdir=$1/upper/work" "$1/debian"
    printf '%s\n' "$2" >"$1/debian/password"
    cp "$PROJECT/Packaging/trial/postgres-entrypoint" "$1/debian/entrypoint"
    mount -t proc proc "$1/debian/proc"
    mount --bind /dev "$1/debian/dev"
    chroot "$1/debian" /usr/bin/env TMPDIR=/tmp PATH=/usr/lib/postgresql/15/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        POSTGRES_USER=wharf POSTGRES_DB=wharf POSTGRES_PASSWORD_FILE=/password \
        POSTGRES_INITDB_ARGS="--encoding=UTF8 --locale=C.UTF-8" /entrypoint >"$1/postgres.log" 2>&1 &
    children+=($!)
    await 60 chroot "$1/debian" /usr/lib/postgresql/15/bin/pg_isready --host=127.0.0.1 ||
        { tail -n 5 "$1/postgres.log" >&2; fail "PostgreSQL did not start"; }
}

# Takes off what container engines leave mounted below a folder, an outer mount after the inner ones.
unmount_below() { # folder
    awk -v folder="$1/" 'index($2, folder) == 1 { print $2 }' /proc/self/mounts | sort --reverse |
        xargs --no-run-if-empty umount --lazy || true
}
