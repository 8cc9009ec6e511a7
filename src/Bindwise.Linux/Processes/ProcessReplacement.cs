using System.Runtime.InteropServices;
using System.Text;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Processes;

/// <summary>This process becomes another program, as exec of a shell does it (execve(2)): the process id, the terminal and the standard streams stay.</summary>
public static class ProcessReplacement
{
    /// <summary>What shells end with where a command cannot be executed.</summary>
    public const int NotExecutable = 126;

    /// <summary>What shells end with where a command is not found.</summary>
    public const int NotFound = 127;

    private const string Environ = "/proc/self/environ";
    private const string Shell = "/bin/sh";
    private const string DefaultPath = "/usr/local/bin:/usr/bin:/bin";

    /// <summary>Becomes the program; returns only where that does not work.</summary>
    /// <param name="command">The program, a path or a name to look for in PATH, and its arguments: bytes, since they need not be UTF-8.</param>
    /// <param name="exitCode">What to end with: <see cref="NotFound"/> or <see cref="NotExecutable"/>.</param>
    /// <returns>Why it does not work, half a sentence.</returns>
    public static string Become(IReadOnlyList<byte[]> command, out int exitCode)
    {
        ArgumentNullException.ThrowIfNull(command);
        var environment = ReadEnvironment();
        // The runtime ignores it, and a program would inherit that.
        SignalCall.Restore(SignalCall.BrokenPipe);
        var worst = Errno.ENOENT;
        foreach (var path in Candidates(command[0]))
        {
            var errno = ExecuteCall.Execute(path, command, environment);
            // A script without "#!" in its first line: shells and execvp(3) give it to sh.
            if (errno == Errno.ENOEXEC)
                errno = ExecuteCall.Execute(Encoding.UTF8.GetBytes(Shell), [Encoding.UTF8.GetBytes(Shell), path, .. command.Skip(1)], environment);
            if (errno is not (Errno.ENOENT or Errno.ENOTDIR))
                worst = errno;
        }
        exitCode = worst == Errno.ENOENT ? NotFound : NotExecutable;
        return worst == Errno.ENOENT ? "command not found" : Marshal.GetPInvokeErrorMessage((int)worst).ToLowerInvariant();
    }

    private static List<byte[]> Candidates(byte[] name)
    {
        if (name.Length == 0 || name.Contains((byte)'/'))
            return [name];
        var folders = Environment.GetEnvironmentVariable("PATH") ?? DefaultPath;
        // An empty one is the working directory (environ(7)).
        return [.. folders.Split(':').Select(folder => (byte[])[.. Encoding.UTF8.GetBytes(folder.Length == 0 ? "." : folder), (byte)'/', .. name])];
    }

    // As it came, since .NET's own copy has lost what is not UTF-8, and names that come twice.
    private static List<byte[]> ReadEnvironment()
    {
        try
        {
            return Split(File.ReadAllBytes(Environ));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var entries = new List<byte[]>();
            foreach (System.Collections.DictionaryEntry one in Environment.GetEnvironmentVariables())
                entries.Add(Encoding.UTF8.GetBytes($"{one.Key}={one.Value}"));
            return entries;
        }
    }

    private static List<byte[]> Split(byte[] environment)
    {
        var entries = new List<byte[]>();
        var bytes = environment.AsSpan();
        foreach (var range in bytes.Split((byte)0))
        {
            if (bytes[range].Length > 0)
                entries.Add(bytes[range].ToArray());
        }
        return entries;
    }
}
