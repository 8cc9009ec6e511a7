using System.Collections.Immutable;
using System.Globalization;
using Bindwise.Rendering.Escaping;

namespace Bindwise;

/// <summary>LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES of the environment, read and checked.</summary>
/// <param name="Count">How many sockets were passed; 0 for none.</param>
/// <param name="Process">To whom; null where that is not said.</param>
/// <param name="Names">A name for each.</param>
internal sealed record PassedVariables(int Count, int? Process, ImmutableArray<string> Names)
{
    /// <summary>The most sockets that are taken. (systemd passes as many as a unit names.)</summary>
    internal const int MostSockets = 1024;

    /// <summary>The longest name, in characters (FDNAME_MAX of systemd).</summary>
    internal const int LongestName = 255;

    /// <summary>What sd_listen_fds_with_names(3) calls a socket without a name.</summary>
    internal const string NoName = "unknown";

    private const string CountVariable = "LISTEN_FDS";
    private const string ProcessVariable = "LISTEN_PID";
    private const string NamesVariable = "LISTEN_FDNAMES";

    /// <summary>The inode of LISTEN_PID's pidfd, which newer systemd adds.</summary>
    private const string HandleVariable = "LISTEN_PIDFDID";

    private const int LongestShown = 60;

    /// <summary>Reads them.</summary>
    /// <exception cref="InheritanceException">A variable is not of its form.</exception>
    internal static PassedVariables Read()
    {
        var count = Environment.GetEnvironmentVariable(CountVariable);
        if (string.IsNullOrEmpty(count))
            return new PassedVariables(0, null, []);
        if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > MostSockets)
            throw new InheritanceException($"{CountVariable} is '{Shown(count)}', which is not a number from 0 to {MostSockets}: the program that started this one passes sockets wrongly.");
        return new PassedVariables(number, ReadProcess(), ReadNames(number));
    }

    /// <summary>Removes them, so that no child believes them. (The C library's own environment keeps them: .NET changes only its copy.)</summary>
    internal static void Remove()
    {
        foreach (var name in (ReadOnlySpan<string>)[CountVariable, ProcessVariable, NamesVariable, HandleVariable])
            Environment.SetEnvironmentVariable(name, null);
    }

    /// <summary>Whether a socket may be called so: printable ASCII without a colon, as systemd has it.</summary>
    internal static bool IsName(string name) => name.Length <= LongestName && !name.AsSpan().ContainsAnyExceptInRange(' ', '~') && !name.Contains(':', StringComparison.Ordinal);

    private static int? ReadProcess()
    {
        var process = Environment.GetEnvironmentVariable(ProcessVariable);
        if (string.IsNullOrEmpty(process))
            return null;
        return int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0
            ? id
            : throw new InheritanceException($"{ProcessVariable} is '{Shown(process)}', which is not a process id: the program that started this one passes sockets wrongly.");
    }

    private static ImmutableArray<string> ReadNames(int count)
    {
        // Unlike null, an empty text is the one socket's empty name.
        if (Environment.GetEnvironmentVariable(NamesVariable) is not { } text || count == 0)
            return [.. Enumerable.Repeat(NoName, count)];
        if (text.Length > MostSockets * (LongestName + 1))
            throw new InheritanceException($"{NamesVariable} is {text.Length} characters long, more than {MostSockets} names have: the program that started this one passes sockets wrongly.");
        var names = text.Split(':');
        if (names.Length != count)
            throw new InheritanceException($"{NamesVariable} names {names.Length} sockets, {CountVariable} says {count}: the program that started this one passes sockets wrongly (no name may have a colon).");
        if (Array.Find(names, static name => !IsName(name)) is { } wrong)
            throw new InheritanceException($"{NamesVariable} has the name '{Shown(wrong)}', but a name has at most {LongestName} characters, all printable ASCII.");
        return [.. names];
    }

    private static string Shown(string text) => Escaper.Escape(text, LongestShown);
}
