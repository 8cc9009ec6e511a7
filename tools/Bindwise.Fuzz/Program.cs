using Bindwise.Cli.Output;
using Bindwise.Fuzz;
using Bindwise.Linux.Live.Processes;

// A process of a scenario is this program again.
if (OperatingSystem.IsLinux() && args is [ScenarioProcess.Verb, { } player] && ScenarioProcess.Run(player))
    return (int)ExitCode.Success;
return (int)new FuzzTool().Run(args, AnswerStream.Open(), ErrorLines.Open());
