using System.Globalization;
using System.Runtime.InteropServices;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Processes;

namespace Bindwise.Linux.Tests.Processes;

/// <summary>
/// The search as a program of its own, so that a test can run it as another user or with few descriptors left:
/// <c>search INODE [--user UID] [--free-descriptors N] [--task-files-from N]</c>. One finding a line. <c>threads UID</c>: how many of many pieces of
/// bounded work are begun as a user who gets no further thread, and whether the next one is when there are threads again.
/// </summary>
internal static class SearchProgram
{
    private const int DescriptorLimit = 7;
    private const int ProcessLimit = 6;
    private const int Many = 40;
    private const int DuplicateDescriptor = 0;

    private static int Main(string[] arguments)
    {
        if (arguments is ["threads", var user])
        {
            Console.Out.Write(WorkWithoutThreads(uint.Parse(user, CultureInfo.InvariantCulture)));
            return 0;
        }

        if (arguments is not ["search", var inodeText, .. var options])
            return 2;
        // Two rehearsals each way, so that whatever the runtime opens by itself is open before files become rare, or belong to somebody else.
        var inode = ulong.Parse(inodeText, CultureInfo.InvariantCulture);
        foreach (var processes in (string[])["0", "1000000000"])
        {
            _ = Search(inode, ["--free-descriptors", "100", "--task-files-from", processes]);
            _ = Search(inode, ["--free-descriptors", "50", "--task-files-from", processes]);
        }

        Console.Out.Write(Search(inode, options));
        return 0;
    }

    private static string WorkWithoutThreads(uint user)
    {
        static bool IsBegun() => BoundedWork.TryRun(static () => true, out var isDone) && isDone;
        if (!IsBegun())
            return "none at all";
        Become(user);
        var before = new ulong[2];
        if (GetResourceLimit(ProcessLimit, before) != 0 || SetResourceLimit(ProcessLimit, [1, before[1]]) != 0)
            return "no limit";
        var count = Enumerable.Range(0, Many).Count(static _ => IsBegun());
        _ = SetResourceLimit(ProcessLimit, before);
        return $"{count} {IsBegun()}";
    }

    private static string Search(ulong inode, string[] options)
    {
        OwnerFindings findings;
        using (Restrict(options))
            findings = TaskFilesFrom(options) is { } processes ? OwnerSearch.Find([inode], taskFilesFrom: processes) : OwnerSearch.Find([inode]);
        return Describe(findings);
    }

    private static int? TaskFilesFrom(string[] options) =>
        Array.IndexOf(options, "--task-files-from") is >= 0 and var at ? int.Parse(options[at + 1], CultureInfo.InvariantCulture) : null;

    private static string Describe(OwnerFindings findings) => string.Concat(
    [
        .. findings.Holders.Select(holder => string.Create(CultureInfo.InvariantCulture, $"holder {holder.ProcessId} {holder.Descriptor} {holder.CloseOnExec}\n")),
        string.Create(CultureInfo.InvariantCulture, $"processes {findings.Processes}\nunreadable {findings.Unreadable}\nhidden {findings.Hidden}\nby-task-files {findings.ByTaskFiles}\n"),
        .. findings.Notes.Select(note => $"note {note}\n"),
    ]);

    private static Restored Restrict(string[] options)
    {
        for (var i = 0; i + 1 < options.Length; i += 2)
        {
            var value = uint.Parse(options[i + 1], CultureInfo.InvariantCulture);
            if (options[i] == "--user")
                Become(value);
            else if (options[i] == "--free-descriptors")
                return LeaveFree((int)value);
        }

        return new Restored(null);
    }

    private static void Become(uint user)
    {
        if (SetGroups(0, 0) != 0 || SetResGid(user, user, user) != 0 || SetResUid(user, user, user) != 0)
            throw new InvalidOperationException("The user cannot be changed.");
    }

    private static Restored LeaveFree(int count)
    {
        // Taken for real and let go: a slot may look free although a thread that waits in open() has it.
        var slots = Enumerable.Range(0, count).Select(_ => DescriptorControl(0, DuplicateDescriptor, 0)).ToList();
        slots.ForEach(slot => _ = Close(slot));
        var limit = slots.DefaultIfEmpty(0).Max() + 1;
        var before = new ulong[2];
        if (GetResourceLimit(DescriptorLimit, before) != 0 || SetResourceLimit(DescriptorLimit, [(ulong)limit, before[1]]) != 0)
            throw new InvalidOperationException("The limit cannot be changed.");
        return new Restored(before);
    }

    [DllImport("libc", EntryPoint = "fcntl")]
    private static extern int DescriptorControl(int descriptor, int command, nint argument);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int descriptor);

    [DllImport("libc", EntryPoint = "setgroups")]
    private static extern int SetGroups(nint count, nint groups);

    [DllImport("libc", EntryPoint = "setresgid")]
    private static extern int SetResGid(uint real, uint effective, uint saved);

    [DllImport("libc", EntryPoint = "setresuid")]
    private static extern int SetResUid(uint real, uint effective, uint saved);

    [DllImport("libc", EntryPoint = "getrlimit")]
    private static extern int GetResourceLimit(int resource, [Out] ulong[] limits);

    [DllImport("libc", EntryPoint = "setrlimit")]
    private static extern int SetResourceLimit(int resource, ulong[] limits);

    private sealed class Restored(ulong[]? before) : IDisposable
    {
        public void Dispose()
        {
            if (before is not null)
                _ = SetResourceLimit(DescriptorLimit, before);
        }
    }
}
