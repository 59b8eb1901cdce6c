using System.Collections.ObjectModel;
using System.Globalization;

namespace Backfill;

/// <summary>A read-only list whose text is its count, so that a CSV cell or a string never shows a type name.</summary>
/// <typeparam name="T">What it holds.</typeparam>
public sealed class ItemList<T> : ReadOnlyCollection<T>
{
    /// <summary>Takes over <paramref name="items"/>; the caller keeps no other use of it.</summary>
    /// <param name="items">The items, in order.</param>
    public ItemList(IList<T> items)
        : base(items)
    {
    }

    /// <summary>The number of items, culture-invariant.</summary>
    /// <returns>For example <c>3</c>.</returns>
    public override string ToString() => Count.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Makes <see cref="ItemList{T}"/>s.</summary>
public static class ItemList
{
    /// <summary>A list of the given items.</summary>
    /// <typeparam name="T">What it holds.</typeparam>
    /// <param name="items">The items, in order.</param>
    /// <returns>The list.</returns>
    public static ItemList<T> Of<T>(params T[] items) => new(items);
}
