# Read by the scripts that build for a processor: what it is called by .NET, Debian and the compiler, and whether it is this machine's own.

# This machine's, as --arch has it; empty for one that we do not build for.
own_architecture() {
  case "$(uname -m)" in
    x86_64)        echo x64 ;;
    aarch64|arm64) echo arm64 ;;
  esac
}

# Sets `runtime`, `debian` and `triple`, and `suffix`: what the folders of another machine's program have after their names. Fails for an unknown one.
use_architecture() { # x64 or arm64
  case $1 in
    x64)   runtime=linux-x64 debian=amd64 triple=x86_64-linux-gnu ;;
    arm64) runtime=linux-arm64 debian=arm64 triple=aarch64-linux-gnu ;;
    *)     return 1 ;;
  esac
  [ "$1" = "$(own_architecture)" ] && suffix= || suffix=-$1
}
