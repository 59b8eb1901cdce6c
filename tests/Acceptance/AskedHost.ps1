# A host with a person, for the questions that gates ask: it keeps what is asked, with the default, and gives the Answer, which is the
# number of a choice, or takes the default for a blank line.
using namespace System.Collections.Generic
using namespace System.Collections.ObjectModel
using namespace System.Management.Automation
using namespace System.Management.Automation.Host

[NoRunspaceAffinity()]
class AskedUI : PSHostUserInterface {
    [string] $Answer = 'blank'
    [List[string]] $Asked = [List[string]]::new()
    [PSHostRawUserInterface] $RawUI = $null
    [int] PromptForChoice([string] $caption, [string] $message, [Collection[ChoiceDescription]] $choices, [int] $default) {
        $this.Asked.Add("$($choices[$default].Label) $caption $message")
        if ($this.Answer -eq 'blank') { return $default }
        return [int] $this.Answer
    }
    [string] ReadLine() { return '' }
    [securestring] ReadLineAsSecureString() { return [securestring]::new() }
    [Dictionary[string, psobject]] Prompt([string] $c, [string] $m, [Collection[FieldDescription]] $d) {
        return [Dictionary[string, psobject]]::new()
    }
    [pscredential] PromptForCredential([string] $c, [string] $m, [string] $u, [string] $t) { return $null }
    [pscredential] PromptForCredential([string] $c, [string] $m, [string] $u, [string] $t, [PSCredentialTypes] $a, [PSCredentialUIOptions] $o) {
        return $null
    }
    [void] Write([string] $value) { }
    [void] Write([ConsoleColor] $f, [ConsoleColor] $b, [string] $value) { }
    [void] WriteLine([string] $value) { }
    [void] WriteErrorLine([string] $value) { }
    [void] WriteDebugLine([string] $value) { }
    [void] WriteVerboseLine([string] $value) { }
    [void] WriteWarningLine([string] $value) { }
    [void] WriteProgress([long] $id, [ProgressRecord] $record) { }
}

[NoRunspaceAffinity()]
class AskedHost : PSHost {
    [PSHostUserInterface] $UI = [AskedUI]::new()
    [string] $Name = 'Asked'
    [version] $Version = '1.0'
    [guid] $InstanceId = [guid]::NewGuid()
    [cultureinfo] $CurrentCulture = [cultureinfo]::InvariantCulture
    [cultureinfo] $CurrentUICulture = [cultureinfo]::InvariantCulture
    [void] SetShouldExit([int] $code) { }
    [void] EnterNestedPrompt() { }
    [void] ExitNestedPrompt() { }
    [void] NotifyBeginApplication() { }
    [void] NotifyEndApplication() { }
}

# Runs a block in a runspace of such a host, or of one that has no user interface. Gives the id of the error that it ends with, or '(none)'.
function Get-IdInHost($AskedHost, [scriptblock] $Block, [hashtable] $With) {
    $state = [initialsessionstate]::CreateDefault2()
    $runspace = if ($AskedHost) { [runspacefactory]::CreateRunspace($AskedHost, $state) } else { [runspacefactory]::CreateRunspace($state) }
    $shell = [powershell]::Create()
    try {
        $runspace.Open()
        $shell.Runspace = $runspace
        $null = $shell.AddScript({
                param($Module, $Text, $With)
                $ErrorActionPreference = 'Stop'
                Import-Module $Module
                foreach ($name in $With.Keys) { Set-Variable $name $With[$name] }
                try { $null = . ([scriptblock]::Create($Text)); '(none)' } catch { $_.FullyQualifiedErrorId.Split(',')[0] }
            }).AddArgument($ModuleManifest).AddArgument("$Block").AddArgument($With)
        $shell.Invoke()
    }
    finally {
        $shell.Dispose()
        $runspace.Dispose()
    }
}
