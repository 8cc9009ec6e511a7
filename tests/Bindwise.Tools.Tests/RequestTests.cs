using System.Runtime.Versioning;

namespace Bindwise.Tools.Tests;

/// <summary>What nobody can mean is refused at once, with a sentence.</summary>
[SupportedOSPlatform("linux")]
public sealed class RequestTests
{
    private static readonly PortQuery Query = PortQuery.Of(8080);

    private static readonly TimeSpan Negative = TimeSpan.FromTicks(-1);

    public static TheoryData<string> Names => [.. Rows.Keys];

    // What is done, the exception, and words of its sentence.
    private static readonly Dictionary<string, (Type Exception, string Words, Action Do)> Rows = new()
    {
        ["what is freed is null"] = (typeof(ArgumentNullException), "Query must not be null", static () => PortRelease.Prepare(new FreeRequest { Query = null! })),
        ["what is freed has a negative grace"] = (typeof(ArgumentOutOfRangeException), "times of zero or more", static () => PortRelease.Prepare(new FreeRequest { Query = Query, GracePeriod = Negative })),
        ["what is freed is waited for in a negative time"] = (typeof(ArgumentOutOfRangeException), "times of zero or more", static () => PortRelease.Prepare(new FreeRequest { Query = Query, Wait = Negative })),
        ["a pick's lease is negative"] = (typeof(ArgumentException), "A lease is at least zero", static () => PortPicker.Pick(new PortPickRequest { Lease = Negative })),
        ["a pick's range begins with 0"] = (typeof(ArgumentException), "begins with 1", static () => PortPicker.Pick(new PortPickRequest { Range = default(PortRange) })),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Misuse_IsRefused_WithASentence(string what)
    {
        var (type, words, act) = Rows[what];
        Assert.Contains(words, Assert.Throws(type, act).Message, StringComparison.Ordinal);
    }
}
