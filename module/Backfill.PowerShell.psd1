@{
    RootModule             = 'Backfill.PowerShell.dll'
    ModuleVersion          = '0.2.0'
    GUID                   = 'b1f9c5b6-0c0e-4d8e-9a57-5b3f6f1c7d24'
    Author                 = 'The Backfill.PowerShell contributors'
    CompanyName            = 'The Backfill.PowerShell contributors'
    Copyright              = '(c) The Backfill.PowerShell contributors. MIT License.'
    Description            = 'Repairs data in a live Supabase system by calling its own edge functions for each session that needs it: paced, verified in the database, and recorded there.'
    PowerShellVersion      = '7.6'
    CompatiblePSEditions   = @('Core')

    # Or its types could not be named right after the import.
    RequiredAssemblies     = @('Backfill.Contracts.dll', 'Backfill.PowerShell.dll')
    FormatsToProcess       = @('Backfill.PowerShell.format.ps1xml')
    TypesToProcess         = @('Backfill.PowerShell.types.ps1xml')

    CmdletsToExport        = @(
        'Clear-BackfillSandboxFault'
        'Confirm-BackfillGate'
        'Connect-Backfill'
        'Deny-BackfillGate'
        'Disconnect-Backfill'
        'Export-BackfillReport'
        'Get-BackfillCandidate'
        'Get-BackfillConnection'
        'Get-BackfillEvent'
        'Get-BackfillGate'
        'Get-BackfillImage'
        'Get-BackfillPlan'
        'Get-BackfillRun'
        'Get-BackfillRunbook'
        'Get-BackfillSessionResult'
        'Get-StagingSoak'
        'Initialize-BackfillLedger'
        'Invoke-BackfillApply'
        'Invoke-BackfillPipeline'
        'Invoke-BackfillRollback'
        'New-BackfillPlan'
        'New-BackfillRollback'
        'Remove-BackfillRun'
        'Resume-BackfillRun'
        'Set-BackfillRun'
        'Set-BackfillSandboxFault'
        'Start-BackfillSandbox'
        'Start-BackfillSandboxTraffic'
        'Start-StagingSoak'
        'Stop-BackfillRun'
        'Stop-BackfillSandbox'
        'Stop-BackfillSandboxTraffic'
        'Suspend-BackfillRun'
        'Test-BackfillConnection'
        'Test-BackfillPlan'
        'Test-ProdHealth'
        'Watch-BackfillRun'
    )
    FunctionsToExport      = @()
    AliasesToExport        = @()
    VariablesToExport      = @()

    PrivateData            = @{
        PSData = @{
            Tags                       = @('Backfill', 'Supabase', 'PostgreSQL', 'Database', 'Migration', 'Operations', '{{commands}}')
            LicenseUri                 = 'https://licenses.nuget.org/MIT'
            # The page that the gallery gives it, until the project has a public one of its own: then that, and here only.
            ProjectUri                 = 'https://www.powershellgallery.com/packages/Backfill.PowerShell'
            # The build puts the newest section of CHANGELOG.md here.
            ReleaseNotes               = '{{CHANGELOG.md}}'
            RequireLicenseAcceptance   = $false
            ExternalModuleDependencies = @()
        }
    }
}
