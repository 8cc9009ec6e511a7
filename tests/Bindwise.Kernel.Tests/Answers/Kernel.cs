using System.Text.Json;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Answers;

/// <summary>The kernel's own answers to what bindwise says that it would answer, by another program in another language.</summary>
internal static class Kernel
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    /// <summary>Plays every attempt of an answer, as the same user, and asserts that bind() and listen() end as told.</summary>
    public static Task AgreesAsync(TestHost host, int user, Answer answer) => AgreesAsync(host, user, answer, []);

    /// <summary>The same within something else, as another network namespace: the command that leads there (nsenter … --).</summary>
    public static async Task AgreesAsync(TestHost host, int user, Answer answer, string[] within)
    {
        // Those that are to fail come first: they change nothing, while a success with SO_REUSEPORT is remembered by the port
        // (inet_csk_update_fastreuse) and could let a later one in.
        var told = answer.Attempts.Where(attempt => attempt.Bind.Result is not null && answer.Target.Protocol != "unix")
            .OrderBy(static attempt => attempt.Bind.Result == "ok").ToList();
        var input = told.Select(attempt => new { answer.Target.Protocol, attempt.Address, answer.Target.Port, attempt.Options });
        var outcome = await host.RunAsAsync(user, JsonSerializer.Serialize(input, Options), [.. within, "python3", "-B", "-S", Programs.Script("try_binds.py")]).ConfigureAwait(false);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        var played = JsonSerializer.Deserialize<string?[][]>(outcome.Output)!;
        foreach (var (attempt, really) in told.Zip(played))
        {
            answer.Has(attempt.Bind.Result == really[0],
                $"bind({attempt.Address}, {string.Join(", ", attempt.Options)}) = {really[0]}, as the kernel has it");
            if (attempt.Listen is { Result: { } listen })
                answer.Has(listen == really[1], $"listen({attempt.Address}, {string.Join(", ", attempt.Options)}) = {really[1]}, as the kernel has it");
        }
    }
}
