using Bindwise.Linux.Text;
using Bindwise.Model.Auditing;

namespace Bindwise.Supervising.Auditing;

internal static class ExecutedFile
{
    private const int LongestBytes = 4096;
    private const int PageBytes = 4096;

    /// <summary>Reads the path; null where it cannot be read, or is empty.</summary>
    internal static string? Read(int thread, ulong address) =>
        ReadText(thread, address, LongestBytes) is { Length: > 0 } text ? text : null;

    /// <summary>Reads a text up to its NUL; null where it cannot be read.</summary>
    internal static string? ReadText(int thread, ulong address, int most)
    {
        var bytes = new byte[most];
        for (var length = 0; length < most;)
        {
            // The next page need not be there.
            var part = Math.Min(most - length, PageBytes - (int)(unchecked(address + (ulong)length) % PageBytes));
            if (ForeignMemory.Read(thread, unchecked(address + (ulong)length), bytes.AsSpan(length, part)) != Errno.None)
                return null;
            var end = bytes.AsSpan(length, part).IndexOf((byte)0);
            if (end >= 0)
                return KernelText.Decode(bytes.AsSpan(0, length + end));
            length += part;
        }
        return KernelText.Decode(bytes);
    }

    /// <summary>Reads a list of texts, as argv; of a long one only the first.</summary>
    internal static List<string> ReadTexts(int thread, ulong list)
    {
        const int most = 256;
        const int longest = 512;
        var texts = new List<string>();
        Span<byte> pointer = stackalloc byte[sizeof(ulong)];
        for (var index = 0; index < most
            && ForeignMemory.Read(thread, unchecked(list + (ulong)(index * sizeof(ulong))), pointer) == Errno.None; index++)
        {
            if (BitConverter.ToUInt64(pointer) is not (not 0 and var address) || ReadText(thread, address, longest) is not { } text)
                break;
            texts.Add(text);
        }
        return texts;
    }
}

/// <summary>Which listening sockets a program inherits that is executed, and was not meant to have them.</summary>
internal static class InheritedSockets
{
    private const int LastStandard = 2;
    private const int MostDescriptors = 4096;

    // Variables by which sockets are passed on purpose: systemd's, nginx's, and what has such words in its name.
    private static readonly string[] Passing = ["LISTEN_", "NGINX", "_FD", "FD_", "FDS", "SOCK", "SERVER_STARTER_PORT", "EINHORN"];

    /// <summary>Looks at the descriptors of the process that executes.</summary>
    internal static ImmutableArray<PassedListener> Of(int process, string file, WaitingCall call, ListenerBook listeners)
    {
        var found = Open(process, listeners).Where(one => one.Maker != process && !one.IsClosedOnExec).ToList();
        // The server itself, once more: it takes its sockets over.
        if (found.Count == 0 || ProcessPaths.IsSame(file, string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/exe")))
            return [];
        var at = call.Kind == CallKind.ExecuteAt ? 2 : 1;
        var words = string.Join(' ', ExecutedFile.ReadTexts(call.Thread, call.Argument(at)).Skip(1));
        var variables = ExecutedFile.ReadTexts(call.Thread, call.Argument(at + 1)).Where(
            static one => one.Split('=')[0] is var name && Passing.Any(mark => name.Contains(mark, StringComparison.Ordinal))).ToList();
        if (variables.Exists(static one => one.StartsWith("LISTEN_FDS=", StringComparison.Ordinal)))
            return [];
        return [.. found.Where(one => !PassedDescriptors.IsNamed(words, one.Descriptor)
            && !variables.Exists(variable => PassedDescriptors.IsListed(variable, one.Descriptor)))
            .Select(static one => new PassedListener(one.Descriptor, one.Cookie, one.Local))];
    }

    /// <summary>The listening sockets among what a process has open, but its standard streams.</summary>
    internal static IEnumerable<(int Descriptor, ulong Cookie, IpEndpoint Local, int Maker, bool IsClosedOnExec)> Open(int process,
        ListenerBook listeners)
    {
        foreach (var (descriptor, inode) in Sockets(process))
        {
            if (descriptor > LastStandard && listeners.OfInode(inode) is var (cookie, local, maker))
                yield return (descriptor, cookie, local, maker, IsClosedOnExec(process, descriptor));
        }
    }

    internal static List<(int Descriptor, ulong Inode)> Sockets(int process)
    {
        var found = new List<(int, ulong)>();
        foreach (var descriptor in NumberedFolder.Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd"), MostDescriptors))
        {
            if (ProcessPaths.Link(process, string.Create(CultureInfo.InvariantCulture, $"fd/{descriptor}")) is { } link
                && SocketLink.TryParse(Encoding.ASCII.GetBytes(link), out var inode))
                found.Add((descriptor, inode));
        }
        return found;
    }

    /// <summary>A program that this process executes does not get the descriptor.</summary>
    internal static bool IsClosedOnExec(int process, int descriptor) =>
        DescriptorInfo.CloseOnExec(ThreadFile.Read(process,
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"fdinfo/{descriptor}")))) != false;
}

/// <summary>Whether a program is told the number of a descriptor, and so is meant to have it.</summary>
internal static class PassedDescriptors
{
    private static readonly char[] Separators = [';', ',', ' '];
    private static readonly string[] Words = ["fd", "fds", "fileno", "descriptor", "descriptors"];

    /// <summary>
    /// Arguments name it as a descriptor: <c>/dev/fd/3</c>, <c>--fd=3</c>, <c>--fds 4,3</c>, <c>fd://3</c>, or redirect it:
    /// <c>0&lt;&amp;3</c>, <c>3&lt;&amp;-</c>. A number alone may mean anything.
    /// </summary>
    internal static bool IsNamed(string arguments, int descriptor)
    {
        var number = descriptor.ToString(CultureInfo.InvariantCulture);
        for (var at = 0; (at = arguments.IndexOf(number, at, StringComparison.Ordinal)) >= 0; at++)
        {
            var before = arguments.AsSpan(0, at);
            var after = arguments.AsSpan(at + number.Length);
            if ((before.IsEmpty || !char.IsAsciiDigit(before[^1])) && (after.IsEmpty || !char.IsAsciiLetterOrDigit(after[0]))
                && (after is ['<' or '>', ..] || before is [.., '<' or '>', '&'] || IsAfterWord(before)))
                return true;
        }
        return false;
    }

    /// <summary>A variable for descriptors has it in its list: <c>NGINX=6;7</c>, <c>SERVER_STARTER_PORT=8080=3</c>.</summary>
    internal static bool IsListed(string variable, int descriptor)
    {
        var number = descriptor.ToString(CultureInfo.InvariantCulture);
        return variable.Split(Separators).Any(part => part[(part.LastIndexOf('=') + 1)..] == number) || IsNamed(variable, descriptor);
    }

    // The last word in letters, before signs and other numbers of a list.
    private static bool IsAfterWord(ReadOnlySpan<char> before)
    {
        var end = before.Length;
        while (end > 0 && !char.IsAsciiLetter(before[end - 1]))
            end--;
        var start = end;
        while (start > 0 && char.IsAsciiLetter(before[start - 1]))
            start--;
        return Words.Contains(before[start..end].ToString(), StringComparer.OrdinalIgnoreCase);
    }
}
