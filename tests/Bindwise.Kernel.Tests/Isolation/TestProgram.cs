using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Bindwise.Kernel.Tests.Isolation;

/// <summary>A program that runs on a test host.</summary>
internal sealed class TestProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _command;
    private readonly StringBuilder _error = new();
    private JsonElement _facts;

    internal TestProgram(Process process, string command)
    {
        _process = process;
        _command = command;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_error)
                _error.AppendLine(line.Data);
        };
        process.BeginErrorReadLine();
    }

    /// <summary>Its process id, as the host counts, told by itself.</summary>
    public int Pid => Number("pid");

    /// <summary>A number that it told when the situation stood.</summary>
    public int Number(string fact) => _facts.GetProperty(fact).GetInt32();

    /// <summary>Whether something is as it told.</summary>
    public bool Truth(string fact) => _facts.GetProperty(fact).GetBoolean();

    /// <summary>A word that it told.</summary>
    public string Word(string fact) => _facts.GetProperty(fact).GetString()!;

    /// <summary>An inode or cookie that it told.</summary>
    public ulong Big(string fact) => _facts.GetProperty(fact).GetUInt64();

    /// <summary>Numbers that it told.</summary>
    public int[] Numbers(string fact) => [.. _facts.GetProperty(fact).EnumerateArray().Select(static number => number.GetInt32())];

    /// <summary>The program that nsenter runs on the host has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Its exit code.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>What it wrote to standard error so far.</summary>
    public string Error
    {
        get
        {
            lock (_error)
                return _error.ToString();
        }
    }

    /// <summary>The next line that it writes.</summary>
    /// <param name="patience">How long to wait for it; null for <see cref="Patience.OfAWait"/>.</param>
    public async Task<string> LineAsync(TimeSpan? patience = null)
    {
        try
        {
            return await _process.StandardOutput.ReadLineAsync().WaitAsync(patience ?? Patience.OfAWait).ConfigureAwait(false)
                ?? throw new InvalidOperationException($"{_command} ended without a word: {Error}");
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{_command} says nothing. {Error}", e);
        }
    }

    /// <summary>Reads the line by which a script says that the situation stands.</summary>
    public async Task ReadyAsync()
    {
        using var facts = JsonDocument.Parse(await LineAsync().ConfigureAwait(false));
        _facts = facts.RootElement.Clone();
    }

    /// <summary>Writes to its standard input and ends that; false when it has ended before.</summary>
    public async Task<bool> ReportAsync(string input)
    {
        try
        {
            await _process.StandardInput.WriteAsync(input).ConfigureAwait(false);
            EndInput();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Ends its standard input: "that is all".</summary>
    public void EndInput() => _process.StandardInput.Close();

    /// <summary>Waits until it has ended.</summary>
    public Task EndAsync() => _process.WaitForExitAsync().WaitAsync(Patience.OfAWait);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // The host has ended all that ran on it. nsenter follows, unless its program was stopped, and nsenter with it.
        _process.Kill();
        await EndAsync().ConfigureAwait(false);
        _process.Dispose();
    }
}
