using Bindwise.Model.Benchmarks;
using Bindwise.Timed;

Console.Error.WriteLine("This takes some minutes; nothing else should run meanwhile.");
if (TimedRun.Of<BindDecisions>(iterations: 7) is not { } summary)
    return 2;
var isMet = ResultTable.Write(summary, Console.Out);
Console.WriteLine();
Console.WriteLine(ScenarioSpeed.Measure());
return isMet ? 0 : 1;
