using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Scenarios.Words;

/// <summary>An address as scenarios write it: IPv4, or IPv6 without brackets, which may end in <c>%</c> and an interface's name.</summary>
internal readonly record struct ScenarioAddress(IpAddress Address, string? Scope)
{
    /// <summary>Longer than any address with its scope.</summary>
    private const int MaxChars = 80;

    /// <summary>Reads an address; gives null, or what is wrong.</summary>
    /// <param name="advice">What to write instead of a text that is none.</param>
    public static string? Read(string text, out ScenarioAddress address,
        string advice = "write one such as 127.0.0.1 or ::1, without brackets and port")
    {
        address = default;
        var percent = text.IndexOf('%', StringComparison.Ordinal);
        var plain = percent < 0 ? text : text[..percent];
        if (text.Length > MaxChars || plain.Contains('/', StringComparison.Ordinal) || !IpAddress.TryParse(plain, out var read))
            return text is "localhost" or "*"
                ? $"{Fault.Quote(text)} is not an address, and names are not looked up; "
                    + (text == "*" ? "write 0.0.0.0 or ::" : "write 127.0.0.1 or ::1")
                : $"{Fault.Quote(text)} is not an IPv4 or IPv6 address; {advice}";
        var scope = percent < 0 ? null : text[(percent + 1)..];
        if (scope is not null && read.Family == IpFamily.IPv4)
            return $"{Fault.Quote(text)} has a scope, which only an IPv6 address can have; write {plain}";
        if (scope is not null && NameRules.OfDevice(scope) is { } fault)
            return fault;
        address = new(read, scope);
        return null;
    }
}

/// <summary>The words for kinds of segments, in one place.</summary>
internal static class SegmentWords
{
    public static readonly (string Word, SegmentKind Kind)[] All =
        [("data", SegmentKind.Data), ("syn", SegmentKind.Syn), ("fin", SegmentKind.Fin), ("ack", SegmentKind.Ack),
            ("reset", SegmentKind.Reset)];

    public static string Of(SegmentKind kind) => Array.Find(All, row => row.Kind == kind).Word;
}

/// <summary>The words for shutdown's directions, in one place.</summary>
internal static class ShutdownWords
{
    public static readonly (string Word,
        ShutdownHow How)[] All = [("read", ShutdownHow.Read), ("write", ShutdownHow.Write), ("both", ShutdownHow.Both)];

    public static string Of(ShutdownHow how) => Array.Find(All, row => row.How == how).Word;
}

internal static class SignalWords
{
    public static readonly (string Word, ProcessSignal Signal)[] All =
        [("INT", ProcessSignal.Interrupt), ("TERM", ProcessSignal.Terminate), ("KILL", ProcessSignal.Kill)];

    public static string Of(ProcessSignal signal) => Array.Find(All, row => row.Signal == signal).Word;
}
