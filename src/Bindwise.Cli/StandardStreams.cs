using Bindwise.Linux.Terminals;

namespace Bindwise.Cli;

internal static class StandardStreams
{
    public static Stream OpenInput() => OperatingSystem.IsLinux() ? StandardStream.Input : Console.OpenStandardInput();

    public static Stream OpenOutput() => OperatingSystem.IsLinux() ? StandardStream.Output : Console.OpenStandardOutput();

    public static Stream OpenError() => OperatingSystem.IsLinux() ? StandardStream.Error : Console.OpenStandardError();
}
