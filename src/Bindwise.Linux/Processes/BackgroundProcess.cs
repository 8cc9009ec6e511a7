namespace Bindwise.Linux.Processes;

/// <summary>
/// This program again, as <c>bindwise VERB OPTION WORDS</c>, to work in the background: in a session of its own, in the root folder, and
/// with no descriptor but those that it is given and the standard streams, which are /dev/null.
/// </summary>
/// <param name="Verb">The verb that it serves, for whoever looks at its command line.</param>
/// <param name="Option">What tells it from a command that people type.</param>
internal sealed record BackgroundProcess(string Verb, string Option, IReadOnlyList<string> Words)
{
    /// <summary>The number of the first of <see cref="Descriptors"/> there; the others follow.</summary>
    internal const int FirstDescriptor = 3;

    private const int Input = 0;
    private const string Orphan = "--orphan";

    /// <summary>Variables that a runtime or a loader needs; all others, and what is secret in them, stay behind.</summary>
    private static readonly string[] Kept = ["DOTNET_", "LD_", "PATH", "HOME", "TZ"];

    /// <summary>The descriptors that it is given. It has copies; those of this process may be closed.</summary>
    internal IReadOnlyList<SafeFileDescriptor> Descriptors { get; init; } = [];

    /// <summary>
    /// It is nobody's child but init's: for a process that goes on as another program, which must not find a child that it never started.
    /// Where that process gets the orphans itself, it is one that wait(2) does not tell of.
    /// </summary>
    internal bool IsOrphan { get; init; }

    /// <summary>What it is to do, where this process is one of its kind.</summary>
    /// <returns>Its words; null when this process is none.</returns>
    internal static string[]? WordsOf(string[] arguments, string verb, string option)
    {
        if (arguments.Length < 2 || arguments[0] != verb || arguments[1] != option)
            return null;
        if (arguments is not [_, _, Orphan, .. var words])
            return arguments[2..];
        // Whoever started this one waits for its end, which leaves the next one without a parent.
        var plan = new BackgroundProcess(verb, option, words).ToPlan([]);
        ParentDeathCall.Exit(SpawnCall.Start(plan, out _) == Errno.None ? 0 : 1);
        return null;
    }

    /// <summary>
    /// Gives this process, which is one, the program's name for those who list processes, and a folder that nobody wants to unmount.
    /// </summary>
    internal static void Settle()
    {
        ThreadNameCall.Set("bindwise\0"u8);
        Directory.SetCurrentDirectory("/");
    }

    /// <summary>Starts it. From the moment that this returns it has what it is given.</summary>
    /// <returns>None, or why there is none.</returns>
    internal Errno Start()
    {
        var copies = new List<SafeFileDescriptor>();
        try
        {
            var after = FirstDescriptor + Descriptors.Count;
            var opened = OpenAt.Open(OpenAt.WorkingDirectory, "/dev/null\0"u8, out var number);
            using var nothing = new SafeFileDescriptor(number);
            if (opened != Errno.None)
                return opened;
            foreach (var one in Descriptors)
            {
                // After the numbers that it gets, so that filling one overwrites none that is still to be given.
                var errno = DuplicateDescriptor.Copy(one, after, out var copy);
                if (errno != Errno.None)
                    return errno;
                copies.Add(copy);
            }
            var isUnwaited = IsOrphan && AnyChildCall.GetsOrphans();
            var start = isUnwaited ? this with { IsOrphan = false } : this;
            return start.Start(start.ToPlan([(nothing, Input), .. copies.Select(
                static (copy, index) => (copy, FirstDescriptor + index))]) with
            { CloseFrom = after, IsUnwaited = isUnwaited });
        }
        finally
        {
            copies.ForEach(static copy => copy.Dispose());
        }
    }

    private Errno Start(SpawnPlan plan)
    {
        var errno = SpawnCall.Start(plan, out var child);
        if (errno != Errno.None || !IsOrphan)
            return errno;
        errno = ChildWaitCall.AwaitEnd(child, out var exitCode);
        _ = ChildWaitCall.TryReap(child);
        // Where SIGCHLD is ignored the kernel keeps no ended children; then its silence tells.
        return errno == Errno.None && exitCode != 0 ? Errno.EAGAIN : Errno.None;
    }

    private SpawnPlan ToPlan(IReadOnlyList<(SafeFileDescriptor From, int To)> descriptors) =>
        new(OwnProgram.File, [.. OwnProgram.Words, Verb, Option, .. IsOrphan ? [Orphan] : Array.Empty<string>(), .. Words],
            OwnProgram.Environs(static name => Kept.Any(one => name.StartsWith(one, StringComparison.Ordinal))))
        {
            Descriptors = descriptors,
            WritesNowhere = true,
            HasOwnSession = true,
            DefaultSignals = [SignalCall.Interrupt, SignalCall.Terminate, SignalCall.BrokenPipe],
        };
}
