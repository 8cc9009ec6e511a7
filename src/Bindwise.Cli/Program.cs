using Bindwise.Cli;
using Bindwise.Cli.Output;

return (int)new Application(AnswerStream.Open(), ErrorLines.Open()).Run(args);
