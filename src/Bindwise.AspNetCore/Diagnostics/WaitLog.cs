using Bindwise.Model.Diagnosing;
using Microsoft.Extensions.Logging;

namespace Bindwise.AspNetCore.Diagnostics;

/// <summary>Says in the log what a start waits for: once, and again when that becomes another thing.</summary>
internal sealed class WaitLog(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger(StartLog.Category);

    /// <summary>The policy, which tells the log beside whomever it tells already.</summary>
    public RetryPolicy Over(RetryPolicy policy)
    {
        if (policy.Longest == TimeSpan.Zero)
            return policy;
        (CauseId?, string)? told = null;
        return policy with { Waiting = policy.Waiting + Tell };

        void Tell(BindWait wait)
        {
            var now = (wait.Failure.Diagnosis?.Cause, HolderName.Of(wait.Failure.Diagnosis));
            if (now == told)
                return;
            told = now;
            StartLog.Waits(_logger, Math.Ceiling(wait.Left.TotalSeconds), wait.Failure.Message);
        }
    }
}
