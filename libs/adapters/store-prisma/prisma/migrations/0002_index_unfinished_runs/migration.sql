-- Finished runs are the many and nobody asks for them by state: the index holds the unfinished ones only, and its
-- size follows the queue instead of the history.
DROP INDEX "stage_runs_state_created_at_id_idx";

CREATE INDEX "stage_runs_unfinished_idx" ON "stage_runs" ("state", "created_at", "id")
    WHERE "state" IN ('waiting', 'ready', 'dispatched', 'running');
