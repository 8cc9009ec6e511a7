using System.Globalization;
using System.Runtime.Versioning;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;

namespace Bindwise.Supervising.Holding;

/// <summary>
/// The terminal that this process was started in. A shell whose terminal goes sends SIGHUP as kill(1) does, so the signal alone does not tell a
/// request to start again from the end of everything.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class Terminal
{
    private readonly bool _wasThere = IsThere();

    /// <summary>There was one, and it is gone.</summary>
    internal bool IsGone => _wasThere && !IsThere();

    /// <summary>This process was started with SIGHUP ignored, as nohup(1) does it.</summary>
    internal bool IsHangUpIgnored { get; } =
        ProcessStatus.TryFind(ThreadFile.Read(Environment.ProcessId, "status"u8), "\nSigIgn:"u8, out var value)
        && ulong.TryParse(value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var ignored) && (ignored & SignalSet.Of(SignalCall.HangUp)) != 0;

    private static bool IsThere()
    {
        if (OpenAt.Open(OpenAt.WorkingDirectory, "/dev/tty\0"u8, out var number) != Errno.None)
            return false;
        CloseDescriptor.Close(number);
        return true;
    }
}
