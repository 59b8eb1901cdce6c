# A host without a person: it has a screen of a chosen width, keeps what is written to it, and can ask nobody.

using namespace System.Management.Automation
using namespace System.Management.Automation.Host
using namespace System.Collections.ObjectModel
using namespace System.Collections.Generic

[NoRunspaceAffinity()]
class ScreenSize : PSHostRawUserInterface {
    [Size] $BufferSize
    [Size] $WindowSize
    [Size] $MaxWindowSize
    [Size] $MaxPhysicalWindowSize
    [Coordinates] $CursorPosition
    [Coordinates] $WindowPosition
    [ConsoleColor] $ForegroundColor
    [ConsoleColor] $BackgroundColor
    [int] $CursorSize
    [string] $WindowTitle
    [bool] $KeyAvailable

    ScreenSize([int] $width) { $this.BufferSize = $this.WindowSize = [Size]::new($width, 50) }

    [void] FlushInputBuffer() { }
    [KeyInfo] ReadKey([ReadKeyOptions] $options) { throw [HostException]::new('Nobody can be asked.') }
    [BufferCell[, ]] GetBufferContents([Rectangle] $rectangle) { throw [HostException]::new('Nobody can be asked.') }
    [void] SetBufferContents([Coordinates] $origin, [BufferCell[, ]] $contents) { }
    [void] SetBufferContents([Rectangle] $rectangle, [BufferCell] $fill) { }
    [void] ScrollBufferContents([Rectangle] $source, [Coordinates] $destination, [Rectangle] $clip, [BufferCell] $fill) { }
}

[NoRunspaceAffinity()]
class Screen : PSHostUserInterface {
    [PSHostRawUserInterface] $RawUI
    [List[string]] $Written = [List[string]]::new()

    Screen([int] $width) { $this.RawUI = [ScreenSize]::new($width) }

    [void] Write([string] $text) { $this.Written.Add($text) }
    [void] Write([ConsoleColor] $foreground, [ConsoleColor] $background, [string] $text) { $this.Written.Add($text) }
    [void] WriteLine([string] $text) { $this.Written.Add($text) }
    [void] WriteErrorLine([string] $text) { $this.Written.Add($text) }
    [void] WriteDebugLine([string] $text) { $this.Written.Add($text) }
    [void] WriteVerboseLine([string] $text) { $this.Written.Add($text) }
    [void] WriteWarningLine([string] $text) { $this.Written.Add($text) }
    [void] WriteProgress([long] $source, [ProgressRecord] $record) { }

    [string] ReadLine() { throw [HostException]::new('Nobody can be asked.') }
    [securestring] ReadLineAsSecureString() { throw [HostException]::new('Nobody can be asked.') }
    [int] PromptForChoice([string] $caption, [string] $message, [Collection[ChoiceDescription]] $choices, [int] $default) {
        throw [HostException]::new('Nobody can be asked.')
    }
    [Dictionary[string, psobject]] Prompt([string] $caption, [string] $message, [Collection[FieldDescription]] $fields) {
        throw [HostException]::new('Nobody can be asked.')
    }
    [pscredential] PromptForCredential([string] $caption, [string] $message, [string] $user, [string] $target) {
        throw [HostException]::new('Nobody can be asked.')
    }
    [pscredential] PromptForCredential([string] $caption, [string] $message, [string] $user, [string] $target,
        [PSCredentialTypes] $types, [PSCredentialUIOptions] $options) {
        throw [HostException]::new('Nobody can be asked.')
    }
}

[NoRunspaceAffinity()]
class ScreenHost : PSHost {
    [string] $Name = 'Screen'
    [version] $Version = '1.0'
    [guid] $InstanceId = [guid]::NewGuid()
    [Globalization.CultureInfo] $CurrentCulture = [Globalization.CultureInfo]::InvariantCulture
    [Globalization.CultureInfo] $CurrentUICulture = [Globalization.CultureInfo]::InvariantCulture
    [PSHostUserInterface] $UI

    ScreenHost([int] $width) { $this.UI = [Screen]::new($width) }

    [void] EnterNestedPrompt() { throw [HostException]::new('Nobody can be asked.') }
    [void] ExitNestedPrompt() { }
    [void] NotifyBeginApplication() { }
    [void] NotifyEndApplication() { }
    [void] SetShouldExit([int] $code) { }
}

# Runs a script in a runspace of its own, without the caller's connections and sandboxes, where nobody can be asked and errors end
# the script. Gives Output, the objects, and Screen, the lines that were written to the host (of -WhatIf, Out-Default and so on).
function Invoke-Apart([Parameter(Mandatory)] [scriptblock] $Script, [object[]] $ArgumentList = @(), [int] $Width = 100) {
    $console = [ScreenHost]::new($Width)
    $runspace = [runspacefactory]::CreateRunspace($console)
    $shell = [powershell]::Create()
    try {
        $runspace.Open()
        $shell.Runspace = $runspace
        $null = $shell.AddScript({
            param($Manifest, $GetErrorId, $Script, $ArgumentList)
            $ErrorActionPreference = 'Stop'
            $WarningPreference = $ProgressPreference = 'SilentlyContinue'
            Import-Module $Manifest
            Set-Item Function:Get-ErrorId ([scriptblock]::Create($GetErrorId))
            . ([scriptblock]::Create($Script)) @ArgumentList
        })
        $null = $shell.AddArgument($ModuleManifest).AddArgument(${function:Get-ErrorId}.ToString())
        $null = $shell.AddArgument($Script.ToString()).AddArgument($ArgumentList)
        $output = @($shell.Invoke())
        [pscustomobject] @{ Output = $output; Screen = $console.UI.Written.ToArray() }
    }
    finally {
        $shell.Dispose()
        $runspace.Dispose()
    }
}
