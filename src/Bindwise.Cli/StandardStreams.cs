using Bindwise.Linux.Terminals;

namespace Bindwise.Cli;

/// <summary>The process's three streams.</summary>
internal static class StandardStreams
{
    /// <summary>Opens standard input.</summary>
    public static Stream OpenInput() => OperatingSystem.IsLinux() ? StandardStream.Input : Console.OpenStandardInput();

    /// <summary>Opens standard output.</summary>
    public static Stream OpenOutput() => OperatingSystem.IsLinux() ? StandardStream.Output : Console.OpenStandardOutput();

    /// <summary>Opens standard error.</summary>
    public static Stream OpenError() => OperatingSystem.IsLinux() ? StandardStream.Error : Console.OpenStandardError();
}
