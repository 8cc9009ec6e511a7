using System.Runtime.CompilerServices;

namespace Bindwise.Supervising.Holding;

/// <summary>Signals with their sender are read from a descriptor (signalfd(2)), for which every thread has to block them; the runtime's
/// threads are there before the first line of the program. So this process blocks them and executes itself again: the new threads all
/// inherit it.</summary>
[SupportedOSPlatform("linux")]
internal static class BlockedSignals
{
    private const string Variable = "BINDWISE_HELD";
    internal const int HangUp = 1;
    internal const int Interrupt = 2;
    internal const int Quit = 3;
    internal const int Terminate = 15;
    internal const int Child = 17;
    private const int User1 = 10;
    private const int User2 = 12;
    private const int WindowChange = 28;

    /// <summary>What is read from the descriptor; the same numbers on x64 and arm64.</summary>
    internal static ulong Set => SignalSet.Of(HangUp, Interrupt, Quit, User1, User2, Terminate, Child, WindowChange);

    /// <summary>Whether they are blocked in every thread; then what was blocked before, for the program, and its limit of open files (0: as
    /// it is).</summary>
    internal static bool TryRead(out ulong mask, out ulong files)
    {
        (mask, files) = (0, 0);
        return Environment.GetEnvironmentVariable(Variable)?.Split(' ') is [var process, var blocked, var limit]
            && int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id == Environment.ProcessId
            && ulong.TryParse(blocked, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out mask)
            && ulong.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out files);
    }

    /// <summary>Executes this program again, with the same arguments, with the signals blocked; returns only where that does not
    /// work.</summary>
    internal static Errno Block(Func<int, byte[][]?> readRaw)
    {
        var arguments = readRaw(Environment.GetCommandLineArgs().Length - 1);
        if (arguments is null)
            return Errno.EIO;
        var files = 0UL;
        if (RuntimeFeature.IsDynamicCodeCompiled)
        {
            ResourceLimitCall.TakeOpenFilesOfParent();
            _ = ResourceLimitCall.Read(ResourceLimitCall.OpenFiles, out files);
        }
        var before = SignalMaskCall.Blocked;
        var variable = string.Create(CultureInfo.InvariantCulture, $"{Variable}={Environment.ProcessId} {before:x} {files}");
        SignalMaskCall.Blocked = before | Set;
        var errno = ExecuteCall.Execute(
            Encoding.UTF8.GetBytes(OwnProgram.File), [.. OwnProgram.Words.Select(Encoding.UTF8.GetBytes), .. arguments],
            [.. EnvironmentWithout(), Encoding.UTF8.GetBytes(variable)]);
        SignalMaskCall.Blocked = before;
        return errno;
    }

    internal static List<byte[]> EnvironmentWithout()
    {
        var environment = ProcessReplacement.ReadEnvironment();
        environment.RemoveAll(static one => one.AsSpan().StartsWith("BINDWISE_HELD="u8));
        return environment;
    }
}
