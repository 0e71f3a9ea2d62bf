import * as z from 'zod/mini'

import { refreshEvent } from './schema/event.ts'
import { failure } from './schema/failure.ts'
import { jobList, jobRecord } from './schema/job.ts'
import { overview } from './schema/overview.ts'
import { refreshParameters } from './schema/query.ts'
import { refreshReport } from './schema/report.ts'

/** Body of the answer to a webhook. */
export const hookAnswer: z.ZodMiniType<{ accepted: string[] }> = z.object({ accepted: z.array(z.string()) })

const SCHEMAS: Readonly<Record<string, z.ZodMiniType>> = {
  RefreshReport: refreshReport,
  RefreshEvent: refreshEvent,
  Job: jobRecord,
  JobList: jobList,
  Overview: overview,
  HookAnswer: hookAnswer,
  Failure: failure,
}

type Json = Readonly<Record<string, unknown>>

/** The OpenAPI document of the service, made from the schemas that requests are read with and answers are checked against. */
export function openapiDocument(version: string): Json {
  const token = [{ token: [] }]
  return {
    openapi: '3.1.0',
    info: {
      title: 'dockline',
      version,
      description: 'Pulls new images and moves the containers that run the old ones.',
    },
    paths: {
      '/admin/workspace-images/refresh': {
        post: {
          summary: 'Pull images and move the containers that still run the old ones',
          description:
            'The work is detached from the connection. With Accept: text/event-stream or application/x-ndjson the answer is 200 and a stream of RefreshEvent, then the Job.',
          security: token,
          parameters: [...queryParameters(), header('Idempotency-Key', 'The same key and request are the same job.')],
          responses: {
            200: streamed('Nothing failed', 'RefreshReport'),
            202: answer('wait=false: the job runs', 'Job'),
            207: answer('Part failed', 'RefreshReport'),
            400: answer('A parameter is wrong', 'Failure'),
            409: answer('Another refresh runs', 'Failure'),
            413: answer('The body is too large; it must be empty', 'Failure'),
            500: answer('The refresh broke off', 'Failure'),
            502: answer('Every pull failed', 'RefreshReport'),
            503: either('The engine cannot be reached, or the service stops', 'Failure', 'RefreshReport'),
            ...refusals(),
          },
        },
      },
      '/admin/jobs': {
        get: {
          summary: 'The newest 50 jobs',
          security: token,
          responses: { 200: answer('Newest first', 'JobList'), ...refusals() },
        },
      },
      '/admin/jobs/{id}': {
        get: {
          summary: 'One job, or its events from Last-Event-ID on',
          security: token,
          parameters: [
            { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
            header('Last-Event-ID', 'The stream begins behind this event.'),
          ],
          responses: { 200: streamed('The job', 'Job'), 404: answer('No such job', 'Failure'), ...refusals() },
        },
      },
      '/admin/overview': {
        get: {
          summary: 'What runs, what the registry has, what came of the last refresh',
          security: token,
          responses: {
            200: answer('Everything that the page shows', 'Overview'),
            500: answer('The engine failed', 'Failure'),
            503: answer('The engine cannot be reached', 'Failure'),
            ...refusals(),
          },
        },
      },
      '/hooks/ghcr': hook('Events package and registry_package of GitHub', [
        header('X-Hub-Signature-256', 'HMAC of the body.'),
        header('X-GitHub-Event', 'Kind of the event.'),
      ]),
      '/hooks/dockerhub/{secret}': hook('Pushes of Docker Hub', [
        { name: 'secret', in: 'path', required: true, schema: { type: 'string' } },
      ]),
      '/hooks/distribution': hook('Notifications of CNCF distribution', [
        header('Authorization', 'Bearer and the secret.'),
      ]),
      '/healthz': {
        get: {
          summary: 'Whether the engine answers',
          responses: { 200: { description: 'It does' }, 503: { description: 'It does not' } },
        },
      },
      '/metrics': {
        get: {
          summary: 'Counters for Prometheus',
          security: token,
          responses: { 200: plain('Text format'), ...refusals() },
        },
      },
      '/': { get: { summary: 'The page', responses: { 200: plain('HTML') } } },
      '/openapi.json': { get: { summary: 'This document', responses: { 200: plain('OpenAPI 3.1') } } },
    },
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: Object.fromEntries(Object.entries(SCHEMAS).map(([name, schema]) => [name, jsonSchema(schema)])),
    },
  }
}

/** Schema of an answer as JSON Schema, or of a request with `input`. */
function jsonSchema(schema: z.ZodMiniType): Json {
  const { $schema: _, ...body } = z.toJSONSchema(schema, { io: 'output' })
  return body
}

function queryParameters(): Json[] {
  const { properties = {} } = jsonSchema(refreshParameters) as { properties?: Record<string, Json> }
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    description,
    schema,
  }))
}

function header(name: string, description: string): Json {
  return { name, in: 'header', description, schema: { type: 'string' } }
}

function ref(name: string): Json {
  return { $ref: `#/components/schemas/${name}` }
}

function answer(description: string, schema: string): Json {
  return { description, content: { 'application/json': { schema: ref(schema) } } }
}

function either(description: string, ...schemas: string[]): Json {
  return { description, content: { 'application/json': { schema: { anyOf: schemas.map(ref) } } } }
}

function streamed(description: string, schema: string): Json {
  const stream = { schema: { type: 'string' } }
  const content = {
    'application/json': { schema: ref(schema) },
    'text/event-stream': stream,
    'application/x-ndjson': stream,
  }
  return { description, content }
}

function plain(description: string): Json {
  return { description }
}

function refusals(): Json {
  return {
    401: answer('No known token', 'Failure'),
    403: answer('A request of another web site', 'Failure'),
    405: answer('Another method', 'Failure'),
    421: answer('A Host that this service does not go by', 'Failure'),
    429: answer('Too many failed attempts from this address', 'Failure'),
  }
}

function hook(summary: string, parameters: readonly Json[]): Json {
  return {
    post: {
      summary,
      parameters,
      requestBody: { required: true, content: { 'application/json': { schema: { type: 'object' } } } },
      responses: {
        202: answer('The targets that will be refreshed', 'HookAnswer'),
        400: answer('Not a webhook, or an old one', 'Failure'),
        413: answer('The body is too large', 'Failure'),
        ...refusals(),
      },
    },
  }
}
