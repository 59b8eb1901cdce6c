using System.Management.Automation;
using System.Net;
using System.Security;

namespace Backfill.PowerShell.Parameters;

/// <summary>Lets a parameter that takes a <see cref="SecureString"/> take a string too.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is string text ? Protect(text) : inputData;

    /// <summary>The text of a secret, for the moment in which it is used; null where there is none.</summary>
    public static string? Reveal(SecureString? secret) => secret is null ? null : new NetworkCredential("", secret).Password;

    private static SecureString Protect(string text)
    {
        var secret = new SecureString();
        foreach (var character in text)
            secret.AppendChar(character);
        secret.MakeReadOnly();
        return secret;
    }
}
