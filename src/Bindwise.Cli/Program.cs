using System.Runtime.InteropServices;
using Bindwise.Cli;
using Bindwise.Cli.Verbs;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Live.Processes;
using Bindwise.Linux.Native;
using Bindwise.Linux.Picking;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Terminals;
using Bindwise.Linux.Threads;
using Bindwise.Supervising;
using Bindwise.Supervising.Auditing;
using Bindwise.Supervising.Holding;

if (OperatingSystem.IsLinux())
{
    InheritedSignals.Ignore();
    if ((SupportedArchitecture.WhyNot(RuntimeInformation.ProcessArchitecture) ?? CountedProcessors.EnsureOne()) is { } reason)
    {
        ErrorLines.Open().Write(reason);
        return (int)ExitCode.Error;
    }
    StandardDescriptors.Occupy();
    ForeignAccess.RequireRun();
    if (args is [ScenarioProcess.Verb, { } player] && ScenarioProcess.Run(player))
        return (int)ExitCode.Success;
    if (LeaseHolder.TryRun(args) || StartTrampoline.TryBecome(args, RawArguments.Read) || SupervisorProcess.TryRun<RunReport>(args))
        return (int)ExitCode.Success;
    if (AuditedProgram.TryRun(args, out var unexecuted))
        return unexecuted;
}
var errors = ErrorLines.Open();
if (OperatingSystem.IsLinux() && TimeZoneVariable.UnsetIfUnfit() is { } note)
    errors.Write(note);
// On a thread of the runtime's own nobody catches anything, and it would end the process with a stack trace and SIGABRT.
AppDomain.CurrentDomain.UnhandledException += (_, fault) =>
{
    errors.Write(Describe((Exception)fault.ExceptionObject));
    Environment.Exit((int)ExitCode.Error);
};
try
{
    if (OperatingSystem.IsLinux() && ResourceShortage.OfDescriptors() is { } shortage)
    {
        errors.Write(shortage);
        return (int)ExitCode.Error;
    }
    return (int)new Application(AnswerStream.Open(), errors).Run(TypedNames.Escape(args));
}
catch (Exception exception)
{
    errors.Write(Describe(exception));
    return (int)ExitCode.Error;
}

// In one line, since a stack trace helps nobody who only wanted a port. What is no shortage is a fault of our own.
static string Describe(Exception fault) =>
    (OperatingSystem.IsLinux() ? ResourceShortage.Behind(fault) : null)
        ?? $"internal error, please report it: {fault.GetType().Name}: {fault.Message}";
