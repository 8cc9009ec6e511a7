using System.Runtime.InteropServices;
using Bindwise.Cli;
using Bindwise.Cli.Input;
using Bindwise.Cli.Output;
using Bindwise.Linux;
using Bindwise.Linux.Live.Processes;
using Bindwise.Linux.Terminals;

if (OperatingSystem.IsLinux())
{
    if (SupportedArchitecture.WhyNot(RuntimeInformation.ProcessArchitecture) is { } reason)
    {
        ErrorLines.Open().Write(reason);
        return (int)ExitCode.Error;
    }
    StandardDescriptors.Occupy();
    if (args is [ScenarioActor.Verb, { } player] && ScenarioActor.Run(player))
        return (int)ExitCode.Free;
}
var errors = ErrorLines.Open();
if (OperatingSystem.IsLinux() && TimeZoneVariable.UnsetIfUnfit() is { } note)
    errors.Write(note);
try
{
    return (int)new Application(AnswerStream.Open(), errors).Run(TypedNames.Escape(args));
}
catch (Exception exception)
{
    // A fault of our own: said in one line, since a stack trace helps nobody who only wanted a port.
    errors.Write($"internal error, please report it: {exception.GetType().Name}: {exception.Message}");
    return (int)ExitCode.Error;
}
