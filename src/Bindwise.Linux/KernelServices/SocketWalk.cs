using System.Globalization;
using Bindwise.Linux.Bpf;
using Bindwise.Linux.Native;
using Bindwise.Linux.Processes.TaskFiles;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.KernelServices;

/// <summary>
/// The kernel's own walk over the TCP or UDP sockets of this network namespace (bpf_iter_tcp, bpf_iter_udp, Linux 5.9): who opened a socket, and
/// which function serves it. Needs CAP_BPF and CAP_PERFMON, the kernel's type information, and symbols in format strings (Linux 5.13).
/// </summary>
internal static class SocketWalk
{
    /// <summary>What TCP sockets have for sk_data_ready unless somebody else has taken them over.</summary>
    private const string UsualHandler = "sock_def_readable";

    /// <summary>Asks about the sockets on a port.</summary>
    /// <param name="protocol">TCP or UDP.</param>
    /// <param name="port">The local port.</param>
    /// <returns>One record a socket, its cookie the key; null when the kernel does not let itself be asked.</returns>
    internal static List<KernelSocketRecord>? Read(Protocol protocol, ushort port)
    {
        if (!TaskFileIterator.IsAllowed() || Layout() is not { } layout)
            return null;
        var isTcp = protocol == Protocol.Tcp;
        var function = isTcp ? layout.TcpFunction : layout.UdpFunction;
        return function != 0 && KernelIterator.ReadText(SocketProgram.Write(layout, isTcp, port), function) is { } text ? Parse(text, layout) : null;
    }

    /// <summary>The lines of <see cref="SocketProgram"/>; those of another form are left out.</summary>
    internal static List<KernelSocketRecord> Parse(string text, in SocketLayout layout)
    {
        var records = new List<KernelSocketRecord>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ');
            if (words.Length < 5 || !TryHexadecimal(words[0], out var cookie) || cookie == 0
                || !TryHexadecimal(words[1], out var kernel) || !TryHexadecimal(words[2], out var reuse) || !TryHexadecimal(words[3], out var reusePort))
                continue;
            var handler = words[4] is UsualHandler || words[4].StartsWith("0x", StringComparison.Ordinal) ? null : words[4];
            records.Add(new KernelSocketRecord
            {
                Cookie = cookie,
                OpenedByKernel = ToFact(kernel >> layout.OpenedByKernel.Bit & 1),
                ReuseAddress = ToFact(reuse >> layout.Reuse.Bit & 0xf),
                ReusePort = ToFact(reusePort >> layout.ReusePort.Bit & 1),
                Handler = handler,
                Module = handler is not null && words.Length > 5 && words[5] is ['[', .. var module, ']'] ? module : null,
            });
        }
        return records;
    }

    private static SocketLayout? Layout()
    {
        var errno = MappedFile.Open("/sys/kernel/btf/vmlinux\0"u8, TaskFileLayout.LimitBytes, out var file);
        using (file)
            return errno == Errno.None ? SocketLayout.Read(file.Bytes) : null;
    }

    private static bool TryHexadecimal(string text, out ulong value) => ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);

    private static Fact ToFact(ulong value) => value != 0 ? Fact.Yes : Fact.No;
}
