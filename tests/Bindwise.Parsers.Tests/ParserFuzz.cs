using System.Diagnostics;

namespace Bindwise.Parsers.Tests;

/// <summary>Runs a parser on mutants of its seeds and says which input it did not take.</summary>
internal static class ParserFuzz
{
    /// <summary>A parser that still runs after this, on at most 64 KiB, does not end. Far above what any of them takes, so a slow machine finds nothing.</summary>
    private static readonly TimeSpan Hang = TimeSpan.FromMinutes(3);

    /// <summary>What one input may make a parser allocate.</summary>
    private const long MostAllocatedBytes = 256L * 1024 * 1024;

    /// <summary>Runs so many mutants, or for so long.</summary>
    /// <param name="target">The parser.</param>
    /// <param name="seed">The seed of chance; the same gives the same inputs.</param>
    /// <param name="rounds">As many inputs at most.</param>
    /// <param name="limit">And no longer than this.</param>
    /// <returns>How many inputs were tried, how long the slowest took, and what is wrong; null when every input was taken.</returns>
    public static (int Tried, TimeSpan Slowest, string? Fault) Run(ParserTarget target, int seed, int rounds, TimeSpan limit)
    {
        var current = Array.Empty<byte>();
        var tried = 0;
        var slowest = TimeSpan.Zero;
        string? fault = null;
        var worker = new Thread(() =>
        {
            var mutator = new Mutator(new Random(seed));
            var clock = Stopwatch.StartNew();
            try
            {
                for (; tried < rounds && fault is null && clock.Elapsed < limit; Interlocked.Increment(ref tried))
                {
                    var input = tried < target.Seeds.Length ? target.Seeds[tried] : mutator.Next(target.Seeds);
                    Volatile.Write(ref current, input);
                    var before = GC.GetAllocatedBytesForCurrentThread();
                    var began = clock.Elapsed;
                    target.Parse((byte[])input.Clone());
                    slowest = clock.Elapsed - began is var took && took > slowest ? took : slowest;
                    var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                    if (allocated > MostAllocatedBytes)
                        fault = $"allocated {allocated} bytes";
                }
            }
            catch (Exception exception)
            {
                fault = exception.ToString();
            }
        }, 1024 * 1024)
        { IsBackground = true, Name = "fuzz " + target.Name };
        worker.Start();
        for (var (last, since) = (-1, Stopwatch.StartNew()); !worker.Join(TimeSpan.FromMilliseconds(200));)
        {
            if (Volatile.Read(ref tried) is var now && now != last)
                (last, since) = (now, Stopwatch.StartNew());
            else if (since.Elapsed > Hang)
            {
                fault = $"did not end within {Hang.TotalSeconds} seconds";
                break;
            }
        }
        return (tried, slowest, fault is null ? null : $"{target.Name}, seed {seed}, input {tried}: {fault}{Environment.NewLine}input (base64): {Convert.ToBase64String(Volatile.Read(ref current))}");
    }
}
