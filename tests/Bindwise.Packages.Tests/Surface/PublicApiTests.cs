namespace Bindwise.Packages.Tests.Surface;

/// <summary>
/// PublicApi.txt beside each project that ships in a package: a change of the surface shows as a diff. Run with BINDWISE_WRITE_PAGES=1 to write
/// them anew.
/// </summary>
public sealed class PublicApiTests
{
    public static TheoryData<string> Rooms => [.. Shipped.Rooms];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void PublicApi_OfARoom_IsWhatTheFileSays(string room)
    {
        var surface = PublicSurface.Of(Shipped.Assembly(room));
        Assert.NotEmpty(surface);
        Written.Check($"src/{room}/PublicApi.txt", surface);
    }

    // A surface that cannot change unseen is one that shows every kind of member.
    [Fact]
    public void PublicApi_ShowsEveryKindOfMember()
    {
        var surface = PublicSurface.Of(typeof(Shown).Assembly);
        var own = surface[surface.IndexOf("abstract class Bindwise.Packages.Tests.Surface.Shown", StringComparison.Ordinal)..].Split('\n').Skip(1).TakeWhile(static line => line.StartsWith("    ", StringComparison.Ordinal));
        Assert.Equal(
        [
            "    T Generic<T>(T? item = null)",
            "    char this[int index, string? text] { get; }",
            "    const int Number = 7",
            "    event EventHandler Changed",
            "    int? Maybe { get; init; }",
            "    override bool Equals(object? obj)",
            "    override int GetHashCode()",
            "    override string ToString()",
            "    protected Shown(int first, params string[] others)",
            "    protected abstract string? Name(out int length)",
            "    required string Needed { get; set; }",
            "    static bool operator !=(Shown? one, Shown? other)",
            "    static bool operator ==(Shown? one, Shown? other)",
            "    static implicit operator int(Shown one)",
            "    static readonly string Text",
            """    static string Defaults(FileAccess access = FileAccess.Read, AttributeTargets targets = AttributeTargets.Class | AttributeTargets.Struct, DayOfWeek day = (DayOfWeek)9, string text = "\"a\\b\"\n", char letter = '\'')""",
        ], own);
    }
}
