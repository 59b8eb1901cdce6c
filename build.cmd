@echo off
rem Runs build.ps1 in PowerShell 7.6 or later: the pwsh on the PATH, or the .NET tool that .config/dotnet-tools.json names.
setlocal
cd /d "%~dp0"
set DOTNET_NOLOGO=1
set DOTNET_CLI_TELEMETRY_OPTOUT=1
set POWERSHELL_TELEMETRY_OPTOUT=1
set POWERSHELL_UPDATECHECK=Off

where /q dotnet
if errorlevel 1 (
    echo build.cmd: install the .NET 10 SDK first: there is no 'dotnet' on the PATH. 1>&2
    exit /b 1
)

where /q pwsh
if not errorlevel 1 (
    pwsh -NoLogo -NoProfile -NonInteractive -Command "exit [int]($PSVersionTable.PSVersion -lt [semver] '7.6.0')" >nul 2>&1
    if not errorlevel 1 (
        pwsh -NoLogo -NoProfile -NonInteractive -File build.ps1 %*
        exit /b
    )
)
dotnet tool restore >nul
if errorlevel 1 (
    echo build.cmd: PowerShell could not be restored. 1>&2
    exit /b 1
)
dotnet tool run pwsh -- -NoLogo -NoProfile -NonInteractive -File build.ps1 %*
exit /b
