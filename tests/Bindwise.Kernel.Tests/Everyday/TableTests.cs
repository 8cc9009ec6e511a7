using System.Reflection;

namespace Bindwise.Kernel.Tests.Everyday;

/// <summary>The tables themselves: every row is played, and there are as many as promised.</summary>
public sealed class TableTests
{
    private const int Promised = 60;

    internal static IReadOnlyList<Type> Tables { get; } =
        [.. typeof(TableTests).Assembly.GetTypes().Where(static type => type != typeof(EndersTests) && type.GetProperty("Table", BindingFlags.Static | BindingFlags.NonPublic)?.PropertyType == typeof(IReadOnlyList<Situation>))];

    [Fact]
    public void Tables_Together_HaveAtLeastSixtySituations() =>
        Assert.InRange(Tables.Sum(static table => RowsAttribute.TableOf(table).Count), Promised, int.MaxValue);

    [Fact]
    public void Rows_OfEveryTable_AreNamedOnceAndPlayed()
    {
        Assert.Equal(EndersTests.Table.Count, EndersTests.Table.Select(static row => row.Name).Distinct().Count());
        foreach (var table in Tables.Append(typeof(EndersTests)))
        {
            var rows = RowsAttribute.TableOf(table);
            var played = table.GetMethods().SelectMany(static method => method.GetCustomAttributes<RowsAttribute>()).Select(static rows => rows.Program).ToHashSet();
            Assert.All(rows, row => Assert.Contains(row.Needs, played));
        }
    }
}
