using Bindwise.Kernel.Tests.Everyday.Checks;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Everyday;

/// <summary>Every command of every situation that ends or removes something, beyond the first step, has its effect as printed, to root and to an ordinary user.</summary>
[Trait("Lane", "second")]
public sealed class EndersTests
{
    internal static IReadOnlyList<Situation> Table { get; } = [.. TableTests.Tables.SelectMany(RowsAttribute.TableOf)];

    [KernelTheory]
    [Rows]
    [Rows("git")]
    [Rows("gunicorn")]
    [Rows("java")]
    [Rows("nginx")]
    [Rows("node")]
    [Rows("npm")]
    [Rows("php")]
    [Rows(StartedByTests.PostgreSql + "postgres")]
    [Rows("redis-server")]
    [Rows("ruby")]
    [Rows("socat")]
    [Rows("supervisord")]
    [Rows("tmux")]
    public Task Why_CommandsThatEndSomething_EachHasItsEffect(string situation) => EndersCheck.RunAsync(Table.Single(row => row.Name == situation));
}
