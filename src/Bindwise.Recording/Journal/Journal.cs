using System.Buffers;
using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Bindwise.Rendering.Escaping;

namespace Bindwise.Recording.Journal;

/// <summary>
/// systemd's journal, told by its own protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): fields that can be searched
/// (<c>journalctl BINDWISE_CAUSE=listener</c>). What it does not take at once is not told again: the store has it.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class JournalSocket : IDisposable
{
    public const string DefaultPath = "/run/systemd/journal/socket";

    private const int StandardError = 2;
    private const string Warning = "4";
    private const int LongestText = 4096;

    private readonly SafeFileDescriptor _socket;
    private readonly string _path;

    private JournalSocket(SafeFileDescriptor socket, string path) => (_socket, _path) = (socket, path);

    /// <summary>Where standard error leads to the journal, as a unit's does (JOURNAL_STREAM, systemd.exec(5)); null elsewhere.</summary>
    public static JournalSocket? OfUnit() => IsStandardError(Environment.GetEnvironmentVariable("JOURNAL_STREAM")) ? Open(DefaultPath)
        : null;

    public static JournalSocket? Open(string path)
    {
        if (UnixDatagramSocket.Open(out var socket) == Errno.None)
            return new JournalSocket(socket, path);
        socket.Dispose();
        return null;
    }

    public void Send(PortEvent happened) => _ = UnixDatagramSocket.Send(_socket, _path, Message(happened));

    public void Dispose() => _socket.Dispose();

    /// <summary>The fields of a failed call.</summary>
    internal static byte[] Message(PortEvent happened)
    {
        var message = new ArrayBufferWriter<byte>();
        var call = happened.Call is { } made ? PortEventWords.Of(made) : "bind";
        Add(message, "MESSAGE", Escaper.EscapeSentence(
            $"{call}() of {happened.Program ?? "a process"} (pid {Number(happened.ProcessId)}) "
            + $"{(happened.Reason is { } where ? where + " " : "")}to {happened.Address ?? "an unknown address"} "
            + $"failed: {happened.Result}{(happened.Summary is { } summary ? $": {summary}" : "")}"));
        Add(message, "PRIORITY", Warning);
        Add(message, "SYSLOG_IDENTIFIER", "bindwise");
        Add(message, "BINDWISE_EVENT", PortEventWords.Of(happened.Kind));
        Add(message, "BINDWISE_ADDRESS", happened.Address);
        Add(message, "BINDWISE_RESULT", happened.Result);
        Add(message, "BINDWISE_CAUSE", happened.Cause);
        Add(message, "BINDWISE_PID", Number(happened.ProcessId));
        Add(message, "BINDWISE_PROGRAM", happened.Program);
        Add(message, "BINDWISE_USER_ID", happened.UserId is { } user ? Number(user) : null);
        Add(message, "BINDWISE_COUNT", Number(happened.Count));
        return message.WrittenSpan.ToArray();
    }

    /// <summary>Whether the variable's <c>device:inode</c> is that of standard error.</summary>
    internal static bool IsStandardError(string? stream)
    {
        if (stream?.Split(':') is not [var device, var inode] || StatX.OfDescriptor(StandardError, out var status) != Errno.None)
            return false;
        // struct stat's st_dev (makedev(3)), which statx(2) gives in its two parts.
        var number = ((ulong)(status.DeviceMajor & 0xfffff000) << 32) | ((status.DeviceMajor & 0xfffUL) << 8)
            | ((ulong)(status.DeviceMinor & 0xffffff00) << 12) | (status.DeviceMinor & 0xffUL);
        return device == Number(number) && inode == Number(status.Inode);
    }

    // A value with a line feed goes by its length, else it would be taken for further fields.
    private static void Add(ArrayBufferWriter<byte> message, string name, string? value)
    {
        if (value is null)
            return;
        var bytes = Encoding.UTF8.GetBytes(value.Length > LongestText ? value[..LongestText] : value);
        message.Write(Encoding.ASCII.GetBytes(name));
        if (bytes.AsSpan().Contains((byte)'\n'))
        {
            message.Write("\n"u8);
            BinaryPrimitives.WriteUInt64LittleEndian(message.GetSpan(sizeof(ulong)), (ulong)bytes.Length);
            message.Advance(sizeof(ulong));
        }
        else
            message.Write("="u8);
        message.Write(bytes);
        message.Write("\n"u8);
    }

    private static string Number(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}

/// <summary>What programs themselves wrote to systemd's journal about a port, by journalctl(1): bounded, and within a deadline.</summary>
[SupportedOSPlatform("linux")]
internal static class JournalSearch
{
    private const int MostLines = 10;
    private const int LinesRead = 20_000;
    private const int LongestLine = 4096;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    private static readonly string[] Programs = ["/usr/bin/journalctl", "/bin/journalctl"];

    private static readonly string[] Words = ["in use", "EADDRINUSE", "EADDRNOTAVAIL", "bind", "listen"];

    /// <summary>The last lines that name the port or path and speak of a bind; empty where there is no journal.</summary>
    public static List<string> Find(string place) =>
        Array.Find(Programs, File.Exists) is { } program ? Find(program, place) : [];

    internal static List<string> Find(string program, string place)
    {
        var start = new ProcessStartInfo(program,
            ["--no-pager", "--quiet", "--output=short-iso", "--since=-7days", "--reverse", $"--lines={LinesRead}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        try
        {
            using var process = Process.Start(start);
            if (process is null)
                return [];
            process.StandardInput.Close();
            using var late = new CancellationTokenSource(Deadline);
            using var ending = late.Token.Register(() => End(process));
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            var found = Read(process.StandardOutput, place, late.Token);
            End(process);
            return found;
        }
        catch (Exception exception) when (exception is Win32Exception or IOException or InvalidOperationException)
        {
            return [];
        }
    }

    private static List<string> Read(StreamReader lines, string place, CancellationToken late)
    {
        var found = new List<string>();
        var whole = new Regex($@"(?<![\w.]){Regex.Escape(place)}(?!\w)", RegexOptions.CultureInvariant);
        var room = new char[LongestLine + 1];
        while (found.Count < MostLines && !late.IsCancellationRequested && ReadLine(lines, room) is { } line)
        {
            if (line.Length <= LongestLine && Array.Exists(Words, word => line.Contains(word, StringComparison.OrdinalIgnoreCase))
                && whole.IsMatch(line))
                found.Add(line);
        }
        found.Reverse();
        return found;
    }

    // Whoever writes into the journal chooses how long a line is: of a longer one than there is room for the rest is skipped.
    private static string? ReadLine(StreamReader lines, char[] room)
    {
        var length = 0;
        int next;
        while ((next = lines.Read()) is >= 0 and not '\n')
        {
            if (length < room.Length)
                room[length++] = (char)next;
        }
        return next < 0 && length == 0 ? null : new string(room, 0, length);
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            // It has ended already.
        }
    }
}
