@{
    RootModule        = 'EmptyModule.dll'
    ModuleVersion     = '1.0'
    GUID              = '5f5f7c1e-6a0b-4a52-9d0c-0d6f3c6a2b11'
    CmdletsToExport   = @('Get-Nothing')
    FunctionsToExport = @()
    AliasesToExport   = @()
    VariablesToExport = @()
}
