#!/usr/bin/env bash
# Runs build.ps1 in PowerShell 7.6 or later: the pwsh on the PATH, or the .NET tool that .config/dotnet-tools.json names.
set -eu
cd "$(dirname "$0")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 POWERSHELL_TELEMETRY_OPTOUT=1 POWERSHELL_UPDATECHECK=Off

command -v dotnet >/dev/null 2>&1 || {
    echo "build.sh: install the .NET 10 SDK first: there is no 'dotnet' on the PATH." >&2
    exit 1
}

is_current() {
    command -v pwsh >/dev/null 2>&1 &&
        pwsh -NoLogo -NoProfile -NonInteractive -Command \
            'exit [int]($PSVersionTable.PSVersion -lt [semver] "7.6.0")' >/dev/null 2>&1
}

if is_current; then
    exec pwsh -NoLogo -NoProfile -NonInteractive -File build.ps1 "$@"
fi
if ! said=$(dotnet tool restore 2>&1); then
    echo "build.sh: PowerShell could not be restored." >&2
    echo "$said" >&2
    exit 1
fi
exec dotnet tool run pwsh -- -NoLogo -NoProfile -NonInteractive -File build.ps1 "$@"
