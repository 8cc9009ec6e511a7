using System.Globalization;
using FsCheck;

namespace Bindwise.Tests;

/// <summary>
/// Where chance begins in every test: always the same number, unless BINDWISE_SEED names another, as <c>.ci/run</c> does, which
/// draws and prints it. What starts from it is marked <c>[Trait("Seed", "any")]</c>.
/// </summary>
internal static class Seed
{
    private const uint Usual = 20261121;

    /// <summary>The number.</summary>
    public static uint Number { get; } = uint.TryParse(Environment.GetEnvironmentVariable("BINDWISE_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var told) ? told : Usual;

    /// <summary>The settings of a property: a hundred cases, which grow from nothing to size 100; a failure names the case.</summary>
    public static Config Config { get; } = Config.QuickThrowOnFailure.WithReplay(Number, 1);

    /// <summary>Fails the test unless the property holds.</summary>
    public static void Holds(this Property property) => Check.One(Config, property);
}
