using BenchmarkDotNet.Attributes;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Benchmarks;

/// <summary>One bind() decision: by the model's buckets, and by a loop over the table.</summary>
public class BindDecisions
{
    private SocketTable _table = null!;
    private AskingSocket[] _questions = [];
    private int _next;

    /// <summary>How many sockets stand in the table.</summary>
    [Params(10, 100, 1_000, 10_000, 100_000)]
    public int Sockets { get; set; }

    /// <summary>How they stand.</summary>
    [ParamsAllValues]
    public Shape Shape { get; set; }

    /// <summary>Who asks.</summary>
    [ParamsAllValues]
    public Asker Asker { get; set; }

    /// <summary>Builds the table, and makes sure that both ways answer as the case is meant.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _table = SocketTable.Make(Shape, Sockets);
        _questions = _table.QuestionsOf(Shape, Asker);
        var meant = Asker is Asker.SpecificAllowed or Asker.WildcardAllowed ? Outcome.Allowed : Outcome.Blocked;
        foreach (var index in (ReadOnlySpan<int>)[0, SocketTable.Questions / 2, SocketTable.Questions - 1])
        {
            if (_table.Decide(_questions[index]) != meant || _table.Scan(_questions[index]) != meant)
                throw new InvalidOperationException($"{Shape}, {Asker}, {Sockets} sockets: not {meant}");
        }
    }

    /// <summary>The model.</summary>
    [Benchmark]
    internal Outcome Model() => _table.Decide(Next());

    /// <summary>A loop over the table.</summary>
    [Benchmark]
    internal Outcome Scan() => _table.Scan(Next());

    private ref readonly AskingSocket Next() => ref _questions[_next++ & (SocketTable.Questions - 1)];
}
