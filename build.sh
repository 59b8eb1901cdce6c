#!/usr/bin/env bash
# Runs build.ps1 with pwsh 7.6 where there is one, otherwise with this repository's own small shell.
set -eu
cd "$(dirname "$0")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

shell=out/shell/backfill-shell.dll

has_pwsh() {
    command -v pwsh >/dev/null 2>&1 &&
        pwsh -NoLogo -NoProfile -NonInteractive -Command '
            $version = $PSVersionTable.PSVersion
            exit [int]($version.Major -lt 7 -or ($version.Major -eq 7 -and $version.Minor -lt 6))' >/dev/null 2>&1
}

shell_is_current() {
    [ -f "$shell" ] && [ -z "$(find src/Backfill.Shell Directory.Build.props Directory.Packages.props global.json \
        -type f -newer "$shell" -not -path '*/bin/*' -not -path '*/obj/*')" ]
}

# build.ps1 runs in this shell and so can't replace it: it is brought up to date here, before it starts.
stage_shell() {
    dotnet build src/Backfill.Shell -c Release -v quiet -nologo
    rm -rf out/shell.new out/shell.old
    mkdir -p out
    cp -R src/Backfill.Shell/bin/Release/net10.0 out/shell.new
    touch "out/shell.new/${shell##*/}"
    if [ -e out/shell ]; then mv out/shell out/shell.old; fi
    mv out/shell.new out/shell
    rm -rf out/shell.old
}

command -v dotnet >/dev/null 2>&1 || {
    echo "build.sh: the .NET 10 SDK is needed, and there is no 'dotnet' on the PATH." >&2
    exit 1
}

if has_pwsh; then
    exec pwsh -NoLogo -NoProfile -NonInteractive -File build.ps1 "$@"
fi

shell_is_current || stage_shell
if [ "${1-}" = clean ]; then
    dotnet "$shell" -File build.ps1 "$@"
    exec rm -rf out
fi
exec dotnet "$shell" -File build.ps1 "$@"
