using System.Collections.Immutable;
using System.Globalization;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Routing;

/// <summary>Finds an interface by what people type behind <c>%</c>.</summary>
internal static class InterfaceNames
{
    /// <summary>The index of the interface of that name, else of that number; null when there is none.</summary>
    internal static uint? FindIndex(ImmutableArray<InterfaceRecord> interfaces, string nameOrNumber)
    {
        foreach (var candidate in interfaces)
        {
            if (candidate.Name == nameOrNumber)
                return candidate.Index;
        }
        if (!uint.TryParse(nameOrNumber, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        foreach (var candidate in interfaces)
        {
            if (candidate.Index == number)
                return number;
        }
        return null;
    }
}
