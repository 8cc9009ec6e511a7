namespace Bindwise.Dashboard.Fleet;

/// <summary>The questions about a fleet, in PromQL: few, of one moment each, so that a thousand hosts are one answer.</summary>
internal static class FleetQueries
{
    private const string Day = " offset 24h";
    private const string Listeners = "bindwise_listener_sockets{port!=\"(other)\"}";
    private const string Unlisted =
        "sum by (instance) (bindwise_sockets{protocol=\"tcp\",state=\"LISTEN\"}#) - sum by (instance) (" + Listeners + "#) > 0"
            + " or sum by (instance) (bindwise_listener_sockets{port=\"(other)\"}#) > 0";

    // Two queries of the same size rather than one that reads less: Prometheus answers each on one processor.
    private const string Listening = "group by (instance, port, program) (" + Listeners + ")";
    private const string ListeningBefore = "group by (instance, port, program) (" + Listeners + Day + ")";

    /// <summary>So many hosts or destinations are named in one query.</summary>
    private const int MostNamed = 2000;

    /// <summary>All that the report needs.</summary>
    /// <exception cref="PrometheusException">Prometheus does not answer as it should.</exception>
    public static async Task<FleetFacts> AskAsync(PrometheusClient prometheus, DateTimeOffset now, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var present = Ask("max by (instance, job) (bindwise_ephemeral_ports)");
        var before = Ask("group by (instance, job) (bindwise_ephemeral_ports" + Day + ")");
        var jobs = Ask("group by (job) (last_over_time(bindwise_ephemeral_ports[24h]))");
        var up = Ask("max by (instance, job) (up)");
        var fullest = Ask("topk by (instance) (1, max by (instance, destination) "
            + "(bindwise_ephemeral_ports_used{destination!=\"(other)\"}))");
        var failures = Ask("sum by (instance, cause, program) (bindwise_bind_failures_total)");
        var failuresBefore = Ask("sum by (instance, cause, program) (bindwise_bind_failures_total" + Day + ")");
        var appeared = Ask($"{Listening} unless {ListeningBefore}");
        var disappeared = Ask($"2 * {ListeningBefore} unless {Listening}");
        var unlisted = Ask(Unlisted.Replace("#", "", StringComparison.Ordinal));
        var unlistedBefore = Ask(Unlisted.Replace("#", Day, StringComparison.Ordinal));
        var growth = GrowthAsync();
        var interrupted = InterruptedAsync();
        Task[] all =
        [
            present, before, jobs, up, fullest, failures, failuresBefore, appeared, disappeared, unlisted, unlistedBefore, growth,
            interrupted,
        ];
        try
        {
            await AllOrFirstFault(all);
        }
        finally
        {
            // One that failed decides: the others are not waited for.
            await ending.CancelAsync();
        }
        return new FleetFacts
        {
            Now = now,
            Present = await present,
            Before = await before,
            Jobs = await jobs,
            Up = await up,
            Fullest = await fullest,
            Growth = await growth,
            Failures = await failures,
            FailuresBefore = await failuresBefore,
            FailuresOfInterrupted = await interrupted,
            Changes = (await appeared).AddRange(await disappeared),
            Unlisted = await unlisted,
            UnlistedBefore = await unlistedBefore,
            IsCut = (await fullest).Select(static one => one["destination"]).Distinct().Count() > MostNamed,
        };

        Task<ImmutableArray<PrometheusSample>> Ask(string query) => prometheus.AskAsync(query, now, ending.Token);

        // Six hours are read of the destinations that matter alone.
        async Task<ImmutableArray<PrometheusSample>> GrowthAsync()
        {
            var names = (await fullest).OrderByDescending(static one => one.Value).Select(static one => one["destination"]);
            if (AnyOf(names) is not { } pattern)
                return [];
            var used = $"bindwise_ephemeral_ports_used{{destination=~{pattern}}}";
            // A line through a few seconds says nothing of the next hours.
            return await Ask($"max by (instance, destination) (deriv({used}[6h]) and {used} offset 30m)");
        }

        // A count that began anew in between, or has ended, is no difference of two counts; those hosts are few, and a day is read of them.
        async Task<ImmutableArray<PrometheusSample>> InterruptedAsync()
        {
            var names = (await jobs).Select(static one => one["job"]).ToHashSet(StringComparer.Ordinal);
            if (AnyOf(names) is not { } pattern)
                return [];
            var restarts = await Ask($"sum by (instance) (resets(process_cpu_seconds_total{{job=~{pattern}}}[24h])) > 0");
            var silent = (await before).Concat((await up).Where(one => names.Contains(one["job"]))).Select(static one => one["instance"])
                .Except((await present).Select(static one => one["instance"]), StringComparer.Ordinal);
            if (AnyOf(restarts.Select(static one => one["instance"]).Concat(silent)) is not { } hosts)
                return [];
            return await Ask(string.Join(" or ",
                Of(FleetFacts.Grown, "increase"), Of(FleetFacts.Highest, "max_over_time"), Of(FleetFacts.Last, "last_over_time")));

            string Of(string what, string function) => "label_replace(sum by (instance, cause, program) "
                + $"({function}(bindwise_bind_failures_total{{instance=~{hosts}}}[24h])), \"of\", \"{what}\", \"\", \"\")";
        }
    }

    /// <summary>Who listens on a port, and which hosts do not list all of their listeners.</summary>
    /// <exception cref="PrometheusException">Prometheus does not answer as it should.</exception>
    public static async Task<(ImmutableArray<PrometheusSample> Holders, ImmutableArray<PrometheusSample> Unlisted)> AskPortAsync(
        PrometheusClient prometheus, ushort port, DateTimeOffset now, CancellationToken cancellation)
    {
        var holders = prometheus.AskAsync(string.Create(CultureInfo.InvariantCulture,
            $"group by (instance, address, program) (bindwise_listener_sockets{{port=\"{port}\"}})"), now, cancellation);
        var unlisted = prometheus.AskAsync(Unlisted.Replace("#", "", StringComparison.Ordinal), now, cancellation);
        await AllOrFirstFault([holders, unlisted]);
        return (await holders, await unlisted);
    }

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c == '_' || c > 127;

    // What fails later than the first is observed, and not told.
    private static async Task AllOrFirstFault(Task[] tasks)
    {
        foreach (var one in tasks)
            _ = one.ContinueWith(static left => _ = left.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);
        await foreach (var one in Task.WhenEach(tasks)) await one;
    }

    /// <summary>A pattern that matches these words and no others, quoted; null for none.</summary>
    internal static string? AnyOf(IEnumerable<string> words)
    {
        var named = words.Where(static word => word.Length > 0).Distinct(StringComparer.Ordinal).Take(MostNamed)
            .Select(static word => string.Concat(word.Select(static c => IsPlain(c) ? c.ToString() : "\\" + c))).ToList();
        return named.Count == 0 ? null
            : "\"" + string.Join('|', named).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
                .Replace("\n", "\\n", StringComparison.Ordinal) + "\"";
    }
}
