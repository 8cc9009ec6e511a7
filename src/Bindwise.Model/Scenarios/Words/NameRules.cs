using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Scenarios.Words;

/// <summary>
/// Which names a scenario, its sockets and its interfaces may have, alike in both forms. Every method gives null, or what is wrong.
/// </summary>
internal static class NameRules
{
    /// <summary>IFNAMSIZ (linux/if.h) less the NUL: the kernel would cut a longer name and find another interface.</summary>
    private const int DeviceBytes = 15;

    /// <summary>A scenario's name: anything visible, or empty.</summary>
    public static string? OfScenario(string name) => Visible("the scenario's name", name);

    /// <summary>A socket's name: anything visible.</summary>
    public static string? OfSocket(string name) =>
        name.Length == 0 ? "a socket's name cannot be empty; give one, as a or listener" : Visible("a socket's name", name);

    /// <summary>A process's name: anything visible.</summary>
    public static string? OfProcess(string name) =>
        name.Length == 0 ? "a process's name cannot be empty; give one, as server" : Visible("a process's name", name);

    /// <summary>An interface's name, as dev_valid_name() in net/core/dev.c has it.</summary>
    public static string? OfDevice(string name)
    {
        if (name.Length == 0)
            return "an interface's name cannot be empty; lo always exists, and so do v0 and v1 where they are named";
        if (name is "." or ".." || name.Any(static c => c is '/' or ':' or '%' || char.IsWhiteSpace(c))
            || Visible("an interface's name", name) is not null)
            return $"{Fault.Quote(name)} is not a known interface; lo always exists, and so do v0 and v1 where they are named";
        return Encoding.UTF8.GetByteCount(name) > DeviceBytes
            ? $"the interface's name {Fault.Quote(name)} has more than {DeviceBytes} bytes, the kernel's limit; give a shorter one, as v0"
            : null;
    }

    private static string? Visible(string what, string name)
    {
        if (name.Length > ScenarioLimits.NameLength)
            return $"{what} has {name.Length} characters, more than {ScenarioLimits.NameLength}; give a shorter one";
        foreach (var rune in name.EnumerateRunes())
        {
            if (IsHidden(rune))
                return $"{what} {Fault.Quote(name)} holds a character that cannot be seen; take it out";
        }
        return null;
    }

    // A lone surrogate is enumerated as U+FFFD, which no writer of names needs.
    private static bool IsHidden(Rune rune) => rune == Rune.ReplacementChar || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
