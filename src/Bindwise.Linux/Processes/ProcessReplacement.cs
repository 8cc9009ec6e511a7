using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Bindwise.Linux.Processes;

/// <summary>
/// This process becomes another program, as exec of a shell does it (execve(2)): the process id,
/// the terminal and the standard streams stay.
/// </summary>
internal static class ProcessReplacement
{
    /// <summary>What shells end with where a command cannot be executed.</summary>
    public const int NotExecutable = 126;

    /// <summary>What shells end with where a command is not found.</summary>
    public const int NotFound = 127;

    private const string Environ = "/proc/self/environ";
    private const string CommandLine = "/proc/self/cmdline";
    private const string Shell = "/bin/sh";
    private const string DefaultPath = "/usr/local/bin:/usr/bin:/bin";

    /// <summary>The first descriptor that a service manager passes (SD_LISTEN_FDS_START of sd-daemon.h).</summary>
    private const int FirstPassed = 3;

    // In every folder of PATH it is that folder, of which execve(2) says EACCES.
    private static readonly byte[][] NoProgram = ["."u8.ToArray()];

    // BINPRM_BUF_SIZE (include/uapi/linux/binfmts.h).
    private const int FirstLineBytes = 256;

    /// <summary>Becomes the program; returns only where that does not work.</summary>
    /// <param name="command">The program, a path or a name to look for in PATH, and its arguments:
    /// bytes, since they need not be UTF-8.</param>
    /// <param name="exitCode">What to end with: <see cref="NotFound"/> or <see cref="NotExecutable"/>.</param>
    /// <returns>Why it does not work, half a sentence.</returns>
    public static string Become(IReadOnlyList<byte[]> command, out int exitCode) => Become(command, [], [], out exitCode);

    /// <summary>Becomes the program; returns only where that does not work.</summary>
    /// <param name="command">The program, a path or a name to look for in PATH, and its arguments:
    /// bytes, since they need not be UTF-8.</param>
    /// <param name="variables">How its environment differs from this process's; null removes a variable.</param>
    /// <param name="sockets">What it has as its descriptors 3, 4 and so on.</param>
    /// <param name="exitCode">What to end with: <see cref="NotFound"/> or <see cref="NotExecutable"/>.</param>
    /// <returns>Why it does not work, half a sentence.</returns>
    internal static string Become(
        IReadOnlyList<byte[]> command, IReadOnlyList<KeyValuePair<string, string?>> variables, IReadOnlyList<SafeFileDescriptor> sockets,
        out int exitCode, string environ = Environ)
    {
        var environment = ReadEnvironment(environ, variables);
        InheritedSignals.Restore();
        // Who started this process perhaps ignores it: a program would inherit that.
        ReservedSignalCall.Restore(ReservedSignalCall.Cancel);
        ResourceLimitCall.LowerOpenFiles(isRuntime: RuntimeFeature.IsDynamicCodeCompiled);
        var errno = sockets.Count == 0 ? Execute(command, environment) : ExecuteWith(sockets, command, environment);
        exitCode = errno == Errno.ENOENT ? NotFound : NotExecutable;
        if (errno == Errno.ENOENT)
        {
            // Of a script the name after #!, of a program its loader (execve(2)).
            return Candidates(command[0]).Exists(static one => File.Exists(Encoding.UTF8.GetString(one)))
                ? "the interpreter or loader that it names was not found" : "command not found";
        }
        return Marshal.GetPInvokeErrorMessage((int)errno).ToLowerInvariant();
    }

    /// <summary>Starts this program anew, with the same arguments; returns only where that does not work.</summary>
    /// <param name="variables">How its environment differs from this process's.</param>
    internal static void BecomeAnew(IReadOnlyList<KeyValuePair<string, string?>> variables)
    {
        if (Environment.ProcessPath is not { } program || !File.Exists(CommandLine))
            return;
        InheritedSignals.Restore();
        _ = ExecuteCall.Execute(Encoding.UTF8.GetBytes(program), Split(File.ReadAllBytes(CommandLine), leavesOutEmpty: false),
            ReadEnvironment(Environ, variables));
    }

    /// <summary>
    /// Whether the program's file gives who executes it more rights: by the setuid or setgid bit, or by capabilities; of a script, whether
    /// that of its interpreter does. Under no_new_privs it does not.
    /// </summary>
    /// <param name="name">The program, a path or a name to look for in PATH.</param>
    public static bool GainsRights(byte[] name)
    {
        try
        {
            return Candidates(name).Find(static one => File.Exists(Encoding.UTF8.GetString(one))) is { } path
                && (HasRights(path) || (InterpreterOf(path) is { } interpreter && HasRights(interpreter)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    private static bool HasRights(byte[] path) =>
        (File.GetUnixFileMode(Encoding.UTF8.GetString(path)) & (UnixFileMode.SetUser | UnixFileMode.SetGroup)) != 0
            || ExecuteCall.HasCapabilities(path);

    // "#!/usr/bin/python3 -u", "#!/usr/bin/env python3": what load_script() (fs/binfmt_script.c) executes, or env(1) for it.
    private static byte[]? InterpreterOf(byte[] script)
    {
        if (PlainFile.Read(OpenAt.WorkingDirectory, [.. script, 0], PathBounds.None, FirstLineBytes, out var start) != Errno.None
            || !start.StartsWith("#!"u8))
            return null;
        var line = start[2..];
        var words = Encoding.UTF8.GetString(line[..(line.IndexOf((byte)'\n') is >= 0 and var end ? end : line.Length)])
            .Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return words switch
        {
            [var env, .. var rest] when env.EndsWith("/env", StringComparison.Ordinal)
                && Array.Find(rest, static word => word[0] != '-') is { } named =>
                Candidates(Encoding.UTF8.GetBytes(named)).Find(static one => File.Exists(Encoding.UTF8.GetString(one))),
            [var first, ..] when File.Exists(first) => Encoding.UTF8.GetBytes(first),
            _ => null,
        };
    }

    private static Errno Execute(IReadOnlyList<byte[]> command, IReadOnlyList<byte[]> environment)
    {
        var worst = Errno.ENOENT;
        foreach (var path in Candidates(command[0]))
        {
            var errno = ExecuteCall.Execute(path, command, environment);
            // A script without "#!" in its first line: shells and execvp(3) give it to sh.
            if (errno == Errno.ENOEXEC)
                errno = ExecuteCall.Execute(Encoding.UTF8.GetBytes(Shell), [Encoding.UTF8.GetBytes(Shell), path, .. command.Skip(1)],
                    environment);
            // A file among the folders of PATH is passed over, as by execvp(3).
            if (errno != Errno.ENOENT && (errno != Errno.ENOTDIR || command[0].Contains((byte)'/')))
                worst = errno;
        }
        return worst;
    }

    // From a thread with a descriptor table of its own: what has the numbers now belongs to the runtime, which goes on where the program
    // cannot be executed. Where there is no such table (a container that refuses unshare(2),
    // before Linux 5.11), that is taken in its place.
    private static Errno ExecuteWith(IReadOnlyList<SafeFileDescriptor> sockets, IReadOnlyList<byte[]> command,
        IReadOnlyList<byte[]> environment)
    {
        var errno = Errno.EAGAIN;
        var copies = new List<SafeFileDescriptor>();
        _ = IsolatedThread.TryRun("bindwise exec", () =>
        {
            // What is inherited stays open: only the table becomes this thread's.
            _ = CloseRange.CloseFromOnExec(int.MaxValue);
            var after = FirstPassed + sockets.Count;
            foreach (var one in sockets)
            {
                errno = DuplicateDescriptor.Copy(one, after, out var copy);
                if (errno != Errno.None)
                    return;
                copies.Add(copy);
            }
            // The compiler of the runtime has its memory under one of these numbers: what is called below has to be compiled by then.
            if (RuntimeFeature.IsDynamicCodeCompiled)
                _ = (DuplicateDescriptor.CopyTo(copies[0], copies[0].Number), Execute(NoProgram, environment));
            for (var index = 0; index < copies.Count; index++)
            {
                errno = DuplicateDescriptor.CopyTo(copies[index], FirstPassed + index);
                if (errno != Errno.None)
                    return;
            }
            errno = Execute(command, environment);
        });
        // Their numbers were that thread's, and went with it.
        copies.ForEach(static copy => copy.SetHandleAsInvalid());
        return errno;
    }

    private static List<byte[]> Candidates(byte[] name)
    {
        if (name.Length == 0 || name.Contains((byte)'/'))
            return [name];
        var folders = Environment.GetEnvironmentVariable("PATH") ?? DefaultPath;
        // An empty one is the working directory (environ(7)).
        return [.. folders.Split(':')
            .Select(folder => (byte[])[.. Encoding.UTF8.GetBytes(folder.Length == 0 ? "." : folder), (byte)'/', .. name])];
    }

    /// <summary>
    /// A process's environment as it came, <c>NAME=value</c> each: .NET's own copy has lost what is not UTF-8, and names that come twice.
    /// </summary>
    internal static List<byte[]> ReadEnvironment(string environ = Environ)
    {
        try
        {
            return Split(File.ReadAllBytes(environ));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var entries = new List<byte[]>();
            foreach (System.Collections.DictionaryEntry one in Environment.GetEnvironmentVariables())
                entries.Add(Encoding.UTF8.GetBytes($"{one.Key}={one.Value}"));
            return entries;
        }
    }

    private static List<byte[]> ReadEnvironment(string environ, IReadOnlyList<KeyValuePair<string, string?>> variables)
    {
        var environment = ReadEnvironment(environ);
        foreach (var (name, value) in variables)
            SetVariable(environment, name, value);
        return environment;
    }

    /// <summary>Sets a variable, which stands there once then; null removes it.</summary>
    internal static void SetVariable(List<byte[]> environment, string name, string? value)
    {
        var start = Encoding.UTF8.GetBytes(name + "=");
        environment.RemoveAll(one => one.AsSpan().StartsWith(start));
        if (value is not null)
            environment.Add([.. start, .. Encoding.UTF8.GetBytes(value)]);
    }

    /// <summary>Texts that end with a zero byte each.</summary>
    internal static List<byte[]> Split(ReadOnlySpan<byte> bytes, bool leavesOutEmpty = true)
    {
        var entries = new List<byte[]>();
        var texts = bytes is [.., 0] ? bytes[..^1] : bytes;
        foreach (var range in texts.Split((byte)0))
        {
            if (!leavesOutEmpty || texts[range].Length > 0)
                entries.Add(texts[range].ToArray());
        }
        return entries;
    }
}
