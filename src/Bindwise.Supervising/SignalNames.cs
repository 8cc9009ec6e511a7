namespace Bindwise.Supervising;

/// <summary>What signals are called, and the numbers of those that end a program (signal(7), x86 and Arm).</summary>
internal static class SignalNames
{
    internal const int Kill = 9;
    internal const int Terminate = 15;

    private static readonly string[] Names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>As <c>SIGKILL</c>; one without a name as <c>signal 40</c>.</summary>
    internal static string Of(int signal) =>
        signal > 0 && signal < Names.Length ? "SIG" + Names[signal] : string.Create(CultureInfo.InvariantCulture, $"signal {signal}");
}
