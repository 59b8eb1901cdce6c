using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.CompilerServices;
using Backfill.PowerShell.Parameters;

namespace Backfill.PowerShell.Views;

/// <summary>
/// Makes an object again of its copy (from <c>Export-Clixml</c>, a job or another session), so that views and casts work on it. What did
/// not make the trip is empty. Cmdlets that need the object itself refuse a copy: see <see cref="NoCopyAttribute"/>.
/// </summary>
public sealed class CopyConverter : PSTypeConverter
{
    /// <inheritdoc/>
    public override bool CanConvertFrom(object sourceValue, Type destinationType) => Copies.IsOf(sourceValue, destinationType);

    /// <inheritdoc/>
    public override object ConvertFrom(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        Of((PSObject)sourceValue, destinationType);

    /// <inheritdoc/>
    public override bool CanConvertTo(object sourceValue, Type destinationType) => false;

    /// <inheritdoc/>
    public override object ConvertTo(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        throw new PSNotSupportedException();

    /// <summary>A moment that came back as its parts, or as text; null where it's none.</summary>
    internal static DateTimeOffset? MomentOf(object? value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        DateTimeOffset moment => moment,
        DateTime time => new DateTimeOffset(time),
        string text when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) =>
            moment,
        _ when value is PSObject copy && copy.Properties["UtcDateTime"]?.Value is DateTime utc =>
            new DateTimeOffset(DateTime.SpecifyKind(utc, DateTimeKind.Utc)),
        _ => null,
    };

    private static object Of(PSObject copy, Type type)
    {
        // Its required properties are what the copy has; no constructor could take them.
        var made = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(p => p.CanWrite))
        {
            if (ValueOf(copy.Properties[property.Name]?.Value, property.PropertyType) is { } value)
                property.SetValue(made, value);
        }

        return made;
    }

    private static object? ValueOf(object? value, Type type)
    {
        if (value is null)
            return IsList(type) ? NewList(type, Array.Empty<object>()) : null;
        var wanted = Nullable.GetUnderlyingType(type) ?? type;
        if (wanted == typeof(DateTimeOffset))
            return MomentOf(value);
        if (IsList(wanted))
            return NewList(wanted, (value is PSObject list ? list.BaseObject : value) as IEnumerable ?? Array.Empty<object>());
        if (value is PSObject part && Copies.IsOf(part, wanted) && !wanted.IsEnum && wanted != typeof(BackfillConnection))
            return Of(part, wanted);
        return LanguagePrimitives.TryConvertTo(value, wanted, CultureInfo.InvariantCulture, out var converted) ? converted : null;
    }

    private static bool IsList(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ItemList<>);

    /// <summary>Of the items that came back as objects; those that are text only are left out.</summary>
    private static object NewList(Type type, IEnumerable items)
    {
        var of = type.GetGenericArguments()[0];
        var found = items.Cast<object?>().Select(i => ValueOf(i, of)).OfType<object>().ToList();
        var array = Array.CreateInstance(of, found.Count);
        ((ICollection)found).CopyTo(array, 0);
        return Activator.CreateInstance(type, array)!;
    }
}
