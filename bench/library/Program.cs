using Bindwise.Library.Benchmarks;
using Bindwise.Timed;

Console.Error.WriteLine("This takes a minute; nothing else should run meanwhile.");
return TimedRun.Of<Binds>(iterations: 9) is not { } summary ? 2 : BindTable.Write(summary, Console.Out) ? 0 : 1;
