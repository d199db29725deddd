-- CreateTable
CREATE TABLE "tenants" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "weight" DOUBLE PRECISION NOT NULL,
    "created_at" BIGINT NOT NULL,

    CONSTRAINT "tenants_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tenant_spending" (
    "tenant_id" TEXT NOT NULL,
    "stage" TEXT NOT NULL,
    "shard" SMALLINT NOT NULL,
    "runs" BIGINT NOT NULL,
    "spent_ms" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "tenant_spending_pkey" PRIMARY KEY ("tenant_id","stage","shard")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "key_hash" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "created_at" BIGINT NOT NULL,

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("key_hash")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "tenant_id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "generation_id" TEXT NOT NULL,
    "created_at" BIGINT NOT NULL,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("tenant_id","key")
);

-- CreateTable
CREATE TABLE "generations" (
    "id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "request" JSONB NOT NULL,
    "weights" JSONB NOT NULL,
    "samples" JSONB NOT NULL,
    "expansion" JSONB,
    "warnings" JSONB NOT NULL,
    "error" JSONB,
    "traceparent" TEXT,
    "created_at" BIGINT NOT NULL,
    "started_at" BIGINT,
    "finished_at" BIGINT,
    "deadline_at" BIGINT,
    "last_sequence" INTEGER NOT NULL,

    CONSTRAINT "generations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "stage_runs" (
    "id" TEXT NOT NULL,
    "generation_id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "stage" TEXT NOT NULL,
    "sample_index" INTEGER,
    "candidate_index" INTEGER,
    "output_index" INTEGER,
    "reference_index" INTEGER,
    "state" TEXT NOT NULL,
    "fence" INTEGER NOT NULL,
    "attempts" JSONB NOT NULL,
    "lost_workers" JSONB NOT NULL,
    "worker_id" TEXT,
    "lease_until" BIGINT,
    "next_attempt_at" BIGINT NOT NULL,
    "priority" TEXT NOT NULL,
    "predicted_ms" DOUBLE PRECISION NOT NULL,
    "duration_ms" DOUBLE PRECISION,
    "step" INTEGER,
    "steps" INTEGER,
    "input" JSONB,
    "result" JSONB,
    "error" JSONB,
    "checkpoint" JSONB,
    "preview_key" TEXT,
    "created_at" BIGINT NOT NULL,
    "ready_at" BIGINT,
    "started_at" BIGINT,
    "finished_at" BIGINT,
    "traceparent" TEXT,
    "failed_at" BIGINT,

    CONSTRAINT "stage_runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event_log" (
    "generation_id" TEXT NOT NULL,
    "sequence" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "stage" TEXT,
    "run_id" TEXT,
    "sample_index" INTEGER,
    "candidate_index" INTEGER,
    "output_index" INTEGER,
    "data" JSONB NOT NULL,

    CONSTRAINT "event_log_pkey" PRIMARY KEY ("generation_id","sequence")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "topic" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "headers" JSONB NOT NULL,
    "partition" INTEGER,
    "created_at" BIGINT NOT NULL,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "charges" (
    "generation_id" TEXT NOT NULL,
    "sample_index" INTEGER NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "compute_ms" DOUBLE PRECISION NOT NULL,
    "at" BIGINT NOT NULL,

    CONSTRAINT "charges_pkey" PRIMARY KEY ("generation_id","sample_index")
);

-- CreateTable
CREATE TABLE "leases" (
    "name" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "fencing" INTEGER NOT NULL,
    "until" BIGINT NOT NULL,

    CONSTRAINT "leases_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE INDEX "api_keys_tenant_id_idx" ON "api_keys"("tenant_id");

-- CreateIndex
CREATE INDEX "generations_tenant_id_created_at_id_idx" ON "generations"("tenant_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "generations_state_idx" ON "generations"("state");

-- CreateIndex
CREATE INDEX "stage_runs_generation_id_idx" ON "stage_runs"("generation_id");

-- CreateIndex
CREATE INDEX "stage_runs_state_created_at_id_idx" ON "stage_runs"("state", "created_at", "id");

-- AddForeignKey
ALTER TABLE "stage_runs" ADD CONSTRAINT "stage_runs_generation_id_fkey" FOREIGN KEY ("generation_id") REFERENCES "generations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand: partial indices, which the schema language does not express. Their conditions and expressions are repeated
-- word for word in src/queue-queries.ts and src/prisma-generation-store.ts.

-- The queue: most urgent ready runs of a tenant and stage (`urgencyAt` of the domain, then id).
CREATE INDEX "stage_runs_ready_idx" ON "stage_runs" (
    "tenant_id",
    "stage",
    (("created_at" + CASE "priority" WHEN 'high' THEN 0 WHEN 'normal' THEN 60000 ELSE 120000 END)),
    "id"
) WHERE "state" = 'ready';

CREATE INDEX "stage_runs_lease_idx" ON "stage_runs" ("lease_until", "id") WHERE "state" IN ('dispatched', 'running');

CREATE INDEX "stage_runs_failed_idx" ON "stage_runs" ("failed_at" DESC, "id" DESC) WHERE "failed_at" IS NOT NULL;

CREATE INDEX "generations_deadline_idx" ON "generations" ("deadline_at", "id")
    WHERE "state" NOT IN ('succeeded', 'failed', 'canceled', 'rejected') AND "deadline_at" IS NOT NULL;

-- Rows that change several times in their life: room on the page keeps most updates out of the indices.
ALTER TABLE "stage_runs" SET (fillfactor = 70);
ALTER TABLE "generations" SET (fillfactor = 80);
ALTER TABLE "tenant_spending" SET (fillfactor = 50);
